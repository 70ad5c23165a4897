import ConfigurationFile
import SystemPackage

extension RunConfiguration {
    /// `[report]`: reporting intervals.
    public struct ReportSection: Sendable, Equatable {
        /// The number of iterations between two lines of the log.
        public var logEvery = 100
        /// The number of iterations between two checkpoints.
        public var checkpointEvery = 1000
        /// The number of batches over which the statistics of batch normalisation are recomputed before a model is
        /// written; 0 keeps the running statistics.
        public var statisticsBatches = 100

        /// Reads the section, and adds its mistakes to those of the file.
        init(_ table: ConfigurationTable) {
            let count = 1...1_000_000_000
            logEvery = table.integer("log_every", in: count) ?? logEvery
            checkpointEvery = table.integer("checkpoint_every", in: count) ?? checkpointEvery
            statisticsBatches = table.integer("statistics_batches", in: 0...count.upperBound) ?? statisticsBatches
            table.finish()
        }
    }

    /// `[validation]`: test images, not used for training, on which the progress of a run is measured.
    public struct ValidationSection: Sendable, Equatable {
        /// The folders. Each folder is one test set; its subfolders are ignored.
        public var folders: [FilePath]
        /// Folders of low-resolution versions with the same names, in the order of `folders`; empty to downsample the
        /// originals.
        public var lr: [FilePath]
        /// The number of iterations between two validations. A validation always follows the last iteration.
        public var every: Int
        /// The number of images, counted from the first, in the comparison image that each validation writes to
        /// `samples/`.
        public var samples: Int
        /// Whether the model with the highest PSNR so far is kept as `best.safetensors`.
        public var keepBest: Bool

        /// Reads the section, and adds its mistakes to those of the file.
        init(_ table: ConfigurationTable, base: FilePath) {
            folders = table.paths("folders", base: base, required: true)
            if Set(folders.compactMap(\.lastComponent)).count < folders.count {
                table.add("folders", "has two folders of the same name, but the log identifies them by name.")
            }
            lr = table.paths("lr", base: base, required: false)
            if !lr.isEmpty, lr.count != folders.count {
                table.add("lr", "needs one folder for each of folders.")
            }
            every = table.integer("every", in: 1...1_000_000_000) ?? 1000
            samples = table.integer("samples", in: 0...50) ?? 3
            keepBest = table.bool("keep_best", default: false)
            table.finish()
        }
    }
}
