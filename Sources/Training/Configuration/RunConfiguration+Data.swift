import SystemPackage

extension RunConfiguration {
    /// `[data]`: the training images and the selection of training pairs.
    ///
    /// A training pair is a low- and a high-resolution version of the same part of an image.
    public struct DataSection: Sendable, Equatable, Decodable {
        /// The methods of taking a training pair from an image.
        public enum Sampling: String, Sendable, Decodable {
            /// A random crop (the SRGAN paper).
            case crop
            /// The whole image, resized (the PyTorch reference implementation).
            case resize
        }

        /// The folders of images, searched recursively.
        public var folders: [FilePath]
        /// The side of a high-resolution crop in pixels.
        public var crop: Int
        /// How a training pair is taken from an image.
        public var sampling: Sampling
        /// Whether pairs are flipped and rotated at random.
        public var augment: Bool
        /// The number of pairs per step.
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

    /// `[teacher]`: a trained generator whose output is part of the training target.
    public struct TeacherSection: Sendable, Equatable, Decodable {
        /// The model file of a trained generator.
        public var model: FilePath
        /// The share of the teacher's output in the target; the rest is the photograph.
        public var share: Double
        /// The number of flipped and rotated versions of the input over which the teacher's output is averaged: 1, 2, 4
        /// or 8.
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
