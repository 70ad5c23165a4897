import SystemPackage

extension RunConfiguration {
    /// `[report]`: reporting intervals.
    public struct ReportSection: Sendable, Equatable, Decodable {
        /// The number of iterations between two lines of the log.
        public var logEvery = 100
        /// The number of iterations between two checkpoints.
        public var checkpointEvery = 1000
        /// The number of batches over which the statistics of batch normalisation are recomputed before a model is
        /// written; 0 keeps the running statistics.
        public var statisticsBatches = 100

        private enum CodingKeys: String, CodingKey {
            case logEvery = "log_every"
            case checkpointEvery = "checkpoint_every"
            case statisticsBatches = "statistics_batches"
        }

        init() {}

        /// Reads the section.
        public init(from decoder: any Decoder) throws {
            let keys = try decoder.container(keyedBy: CodingKeys.self)
            logEvery = try keys.value(.logEvery, logEvery)
            checkpointEvery = try keys.value(.checkpointEvery, checkpointEvery)
            statisticsBatches = try keys.value(.statisticsBatches, statisticsBatches)
        }
    }

    /// `[validation]`: test images, not used for training, on which the progress of a run is measured.
    public struct ValidationSection: Sendable, Equatable, Decodable {
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

        private enum CodingKeys: String, CodingKey {
            case folders, lr, every, samples
            case keepBest = "keep_best"
        }

        /// Reads the section.
        public init(from decoder: any Decoder) throws {
            let keys = try decoder.container(keyedBy: CodingKeys.self)
            folders = try keys.decode([String].self, forKey: .folders).map { FilePath($0) }
            lr = try keys.value(.lr, [String]()).map { FilePath($0) }
            every = try keys.value(.every, 1000)
            samples = try keys.value(.samples, 3)
            keepBest = try keys.value(.keepBest, false)
        }
    }
}
