extension PatchDataset {
    /// The data set that a configuration describes. If the teacher's pairs are not complete yet, they are made first.
    ///
    /// - Parameters:
    ///   - making: Called with the numbers of made and of all missing pairs; see `ConcurrentItems.map`.
    ///   - reading: Called with the numbers of read and of all files.
    /// - Throws: `configuration`, if the teacher cannot be used; `noImages`; `outputFailed`, if pairs cannot be written.
    public convenience init(
        _ configuration: RunConfiguration, threads: Int, making: @escaping @Sendable (Int, Int) -> Void,
        reading: @escaping @Sendable (Int, Int) -> Void
    ) throws(TrainingError) {
        let data = configuration.data
        var (folders, pairs) = (data.folders, configuration.pairs)
        var teacher: Teacher?
        var skipped: [Skipped] = []
        if let section = configuration.teacher {
            let loaded = try Teacher(section)
            if let folder = section.folder, section.pairs > 0 {
                skipped = try TeacherPairs(loaded, folder: folder, configuration: configuration, section: section)
                    .make(threads: threads, report: making)
                pairs = RunConfiguration.PairsSection(
                    inputs: [folder.appending("inputs")], targets: [folder.appending("targets")], share: section.share)
                if section.share == 1 { folders = [] }
            } else {
                teacher = loaded
            }
        }
        try self.init(
            folders: folders, pairs: pairs, crop: data.crop, sampling: data.sampling, augments: data.augment,
            teacher: teacher, degradation: configuration.degradation.map { Degradation($0) },
            skipped: folders.isEmpty ? skipped : [], threads: threads, report: reading)
    }
}
