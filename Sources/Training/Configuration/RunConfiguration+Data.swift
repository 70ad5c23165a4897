import ConfigurationFile
import SystemPackage

extension RunConfiguration {
    /// `[data]`: the training images and the selection of training pairs.
    ///
    /// A training pair is a low- and a high-resolution version of the same part of an image.
    public struct DataSection: Sendable, Equatable {
        /// The methods of taking a training pair from an image.
        public enum Sampling: String, Sendable, CaseIterable {
            /// A random crop (the SRGAN paper).
            case crop
            /// The whole image, resized (the PyTorch reference implementation).
            case resize
        }

        /// The folders of images, searched recursively; empty if all patches come from `[pairs]`.
        public var folders: [FilePath]
        /// The side of a high-resolution crop in pixels.
        public var crop: Int
        /// How a training pair is taken from an image.
        public var sampling: Sampling
        /// Whether pairs are flipped and rotated at random.
        public var augment: Bool
        /// The number of pairs per step.
        public var batch: Int

        /// Reads the section, and adds its mistakes to those of the file.
        ///
        /// - Parameter hasPairs: Whether the file has a section `[pairs]`; then `folders` may be missing.
        init(_ table: ConfigurationTable, base: FilePath, hasPairs: Bool) {
            folders = table.paths("folders", base: base, required: !hasPairs)
            crop = table.integer("crop", in: 16...4096) ?? 96
            if !crop.isMultiple(of: 4) { table.add("crop", "must be a multiple of 4, but is \(crop).") }
            sampling = table.choice("sampling", Sampling.self) ?? .crop
            augment = table.bool("augment", default: true)
            batch = table.integer("batch", in: 1...1024) ?? 16
            table.finish()
        }
    }

    /// `[pairs]`: low-resolution images with the image that the generator should make of each. They are used as they
    /// are, in addition to the photographs of `[data]`.
    public struct PairsSection: Sendable, Equatable {
        /// The folders of low-resolution images.
        public var inputs: [FilePath]
        /// The folders of their targets, in the order of `inputs`. A target has its input's name and is four times as
        /// wide and high.
        public var targets: [FilePath]
        /// The share of the patches that are taken from these pairs; the others are taken from the photographs.
        public var share: Double

        /// Pairs of folders, and their share.
        init(inputs: [FilePath], targets: [FilePath], share: Double) {
            (self.inputs, self.targets, self.share) = (inputs, targets, share)
        }

        /// Reads the section, and adds its mistakes to those of the file.
        init(_ table: ConfigurationTable, base: FilePath) {
            inputs = table.paths("inputs", base: base, required: true)
            targets = table.paths("targets", base: base, required: true)
            if inputs.count != targets.count {
                table.add("targets", "needs one folder for each of inputs.")
            }
            share = table.number("share", in: 0...1) ?? 0.75
            table.finish()
        }
    }

    /// `[teacher]`: a trained generator whose output is part of the training target.
    public struct TeacherSection: Sendable, Equatable {
        /// The model file of a trained generator.
        public var model: FilePath
        /// The share of the teacher's output in the target; the rest is the photograph. With `pairs`: the share of the
        /// patches that are taken from the pairs.
        public var share: Double
        /// The number of flipped and rotated versions of the input over which the teacher's output is averaged: 1, 2, 4
        /// or 8.
        public var symmetries: Int
        /// The number of pairs that are made once and kept in `folder`; 0 to mix the teacher's output into the targets
        /// of the whole photographs instead.
        public var pairs: Int
        /// The folder of these pairs.
        public var folder: FilePath?
        /// The side of a target in these pairs, in pixels.
        public var side: Int

        /// Reads the section, and adds its mistakes to those of the file.
        init(_ table: ConfigurationTable, base: FilePath) {
            model =
                table.requiredPath("model", example: "../models/srresnet-x4.safetensors", base: base) ?? base
            share = table.number("share", in: 0...1) ?? 0.75
            symmetries = table.integer("symmetries", in: 1...8) ?? 1
            if ![1, 2, 4, 8].contains(symmetries) {
                table.add("symmetries", "must be 1, 2, 4 or 8, but is \(symmetries).")
            }
            pairs = table.integer("pairs", in: 1...1_000_000) ?? 0
            folder = table.path("folder", base: base)
            side = table.integer("side", in: 16...4096) ?? 384
            if !side.isMultiple(of: 4) { table.add("side", "must be a multiple of 4, but is \(side).") }
            if pairs > 0, folder == nil { table.add("folder", "is missing; pairs are kept in this folder.") }
            if pairs == 0 {
                for key in ["folder", "side"] where table.has(key) { table.add(key, "has no effect without pairs.") }
            }
            table.finish()
        }
    }
}
