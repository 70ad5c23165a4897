import SystemPackage

extension RunConfiguration {
    /// `[data]`
    public struct DataSection: Sendable, Equatable, Decodable {
        /// How a pair is taken out of an image.
        public enum Sampling: String, Sendable, Decodable {
            /// A random window (the paper).
            case crop
            /// The whole image, resized (the write-up).
            case resize
        }

        /// The folders of images, with those below them.
        public var folders: [FilePath]
        /// The side of a high-resolution crop.
        public var crop: Int
        /// How a pair is taken out of an image.
        public var sampling: Sampling
        /// Whether pairs are flipped and turned at random.
        public var augment: Bool
        /// Pairs a step.
        public var batch: Int

        private enum CodingKeys: String, CodingKey { case folders, crop, sampling, augment, batch }

        /// Reads the section.
        public init(from decoder: any Decoder) throws {
            let keys = try decoder.container(keyedBy: CodingKeys.self)
            folders = try keys.decode([String].self, forKey: .folders).map { FilePath($0) }
            crop = try keys.value(.crop, 96)
            sampling = try keys.value(.sampling, .crop)
            augment = try keys.value(.augment, true)
            batch = try keys.value(.batch, 16)
        }
    }

    /// `[teacher]`
    public struct TeacherSection: Sendable, Equatable, Decodable {
        /// The file of a finished generator.
        public var model: FilePath
        /// How much of the target is the teacher's output; the rest is the photograph.
        public var share: Double
        /// Over how many of a square's symmetries the teacher's output is averaged: 1, 2, 4 or 8.
        public var symmetries: Int

        private enum CodingKeys: String, CodingKey { case model, share, symmetries }

        /// Reads the section.
        public init(from decoder: any Decoder) throws {
            let keys = try decoder.container(keyedBy: CodingKeys.self)
            model = FilePath(try keys.decode(String.self, forKey: .model))
            share = try keys.number(.share, 0.75)
            symmetries = try keys.value(.symmetries, 1)
        }
    }
}
