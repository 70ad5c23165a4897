import Imaging
import SystemPackage

/// Photographs and their low-resolution versions, and ready pairs of a low-resolution image and its target. All are
/// stored in memory as bytes. Training takes random pairs of patches from them.
public final class PatchDataset: Sendable {
    /// A file that was skipped, and the reason.
    public struct Skipped: Error, Equatable {
        /// The file.
        public let path: FilePath
        /// The reason, one full sentence.
        public let reason: String
    }

    struct Pair: Sendable {
        /// The width of the low-resolution image; the photograph is four times as wide.
        var width: Int
        var height: Int
        /// The low-resolution image (`low`) and the training target (`high`) as interleaved RGB.
        var low: [UInt8]
        var high: [UInt8]

        init(_ image: RGBImage, teacher: Teacher? = nil) throws(TrainingError) {
            let large = image.cropped(toMultipleOf: PatchDataset.scale)
            let small = Resampler.downsample(large, by: PatchDataset.scale).roundedTo8Bits()
            (width, height) = (small.width, small.height)
            low = PatchDataset.bytes(small)
            high = PatchDataset.bytes(try teacher?.target(for: large, small: small) ?? large)
        }

        /// A ready pair; the target is `scale` times as wide and high as the low-resolution image.
        init(low: RGBImage, target: RGBImage) {
            (width, height) = (low.width, low.height)
            self.low = PatchDataset.bytes(low)
            high = PatchDataset.bytes(target)
        }
    }

    /// The factor by which a photograph is wider and higher than its low-resolution version.
    public static let scale = 4

    /// The files that were skipped.
    public let skipped: [Skipped]
    /// The number of photographs and ready pairs.
    public var count: Int { photographs.count + readyPairs.count }

    let photographs: [Pair]
    /// The pairs that are never degraded.
    let readyPairs: [Pair]
    /// The share of the patches that are taken from `readyPairs`.
    let readyShare: Float
    /// The width and height of a low-resolution patch, in pixels.
    let side: Int
    let augments: Bool
    let degradation: Degradation?

    /// Reads all images in the folders and their subfolders, in the order of their names, and downsamples them. Reads
    /// the ready pairs.
    ///
    /// - Parameters:
    ///   - pairs: The folders of ready pairs, without subfolders, and their share of the patches.
    ///   - teacher: A trained generator whose output is mixed into the targets of the photographs.
    ///   - degradation: Degradations of the photographs' low-resolution patches, applied when a patch is taken.
    ///   - skipped: The files that were skipped before.
    ///   - threads: The number of images to prepare at the same time.
    ///   - report: Called with the numbers of read and of all files: see `ConcurrentItems.map`.
    /// - Throws: `noImages` if a folder cannot be listed or the folders hold no usable image.
    public convenience init(
        folders: [FilePath], pairs: RunConfiguration.PairsSection? = nil, crop: Int,
        sampling: RunConfiguration.DataSection.Sampling, augments: Bool, teacher: Teacher? = nil,
        degradation: Degradation? = nil, skipped: [Skipped] = [], threads: Int = 1,
        report: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
    ) throws(TrainingError) {
        var files: [FilePath] = []
        for folder in folders { files += try ImageTree.files(below: folder) }
        let photographCount = files.count
        var targets: [ImageFolder] = []
        var targetIndices: [Int] = []
        for (inputs, folder) in zip(pairs?.inputs ?? [], pairs?.targets ?? []) {
            let inputs = try ImageFolder(inputs).files
            files += inputs
            targetIndices += inputs.map { _ in targets.count }
            targets.append(try ImageFolder(folder))
        }
        // Each thread converts its image to bytes before it takes the next one, because a few thousand images as
        // single-precision numbers would not fit into memory.
        let results = ConcurrentItems.map(files.count, threads: threads, report: report) {
            [files, targets, targetIndices] number -> Result<Pair, Skipped> in
            let file = files[number]
            do throws(TrainingError) {
                guard number < photographCount else {
                    let targets = targets[targetIndices[number - photographCount]]
                    return .success(try Self.readyPair(file, in: targets, crop: crop))
                }
                let image = try RGBImage(contentsOf: file)
                if sampling == .resize {
                    return .success(
                        try Pair(Resampler.resize(image, width: crop, height: crop), teacher: teacher))
                }
                return .success(try Pair(image.reaching(crop, file), teacher: teacher))
            } catch {
                return .failure(Skipped(path: file, reason: error.message))
            }
        }
        var usable: [[Pair]] = [[], []]
        var skipped = skipped
        for (number, result) in results.enumerated() {
            switch result {
            case .success(let pair): usable[number < photographCount ? 0 : 1].append(pair)
            case .failure(let skip): skipped.append(skip)
            }
        }
        for (folders, usable) in zip([folders, pairs?.inputs ?? []], usable) where !folders.isEmpty && usable.isEmpty {
            let names = folders.map(\.string).joined(separator: ", ")
            let unusable = skipped.filter { skip in folders.contains { skip.path.starts(with: $0) } }
            throw TrainingError(
                .noImages,
                unusable.isEmpty
                    ? "\(names) holds no image."
                    : "None of the \(unusable.count) images in \(names) can be used. \(unusable[0].reason)")
        }
        self.init(
            photographs: usable[0], readyPairs: usable[1], readyShare: pairs?.share ?? 0, crop: crop,
            augments: augments, degradation: degradation, skipped: skipped)
    }

    /// Uses images in memory, each at least as large as a crop.
    public convenience init(
        images: [RGBImage], crop: Int, augments: Bool, degradation: Degradation? = nil
    ) {
        precondition(images.allSatisfy { min($0.width, $0.height) >= crop }, "an image is smaller than a crop")
        // Without a teacher, making a pair cannot fail.
        self.init(
            photographs: images.map { try! Pair($0) }, readyPairs: [], readyShare: 0, crop: crop, augments: augments,
            degradation: degradation, skipped: [])
    }

    private init(
        photographs: [Pair], readyPairs: [Pair], readyShare: Double, crop: Int, augments: Bool,
        degradation: Degradation?, skipped: [Skipped]
    ) {
        precondition(crop > 0 && crop % Self.scale == 0, "the crop must be a multiple of the scale")
        self.photographs = photographs
        self.readyPairs = readyPairs
        // Without photographs, all patches come from the ready pairs, and the reverse.
        self.readyShare = photographs.isEmpty ? 1 : readyPairs.isEmpty ? 0 : Float(readyShare)
        self.skipped = skipped
        self.augments = augments
        self.degradation = degradation
        side = crop / Self.scale
    }

    /// Reads a low-resolution image and its target.
    private static func readyPair(
        _ input: FilePath, in targets: ImageFolder, crop: Int
    ) throws(TrainingError) -> Pair {
        guard let file = targets.file(named: input.stem ?? "") else {
            throw TrainingError(.unusableImage, "\(input) has no target in \(targets.path).")
        }
        let low = try RGBImage(contentsOf: input)
        let target = try RGBImage(contentsOf: file).reaching(crop, file)
        guard target.width == scale * low.width, target.height == scale * low.height else {
            throw TrainingError(
                .unusableImage,
                "\(file) has \(target.width) x \(target.height) pixels, but \(input) needs a target of "
                    + "\(scale * low.width) x \(scale * low.height).")
        }
        return Pair(low: low, target: target)
    }

    /// Converts an image to interleaved RGB bytes, clamped and rounded.
    static func bytes(_ image: RGBImage) -> [UInt8] {
        let area = image.width * image.height
        return [UInt8](unsafeUninitializedCapacity: 3 * area) { bytes, count in
            image.values.withUnsafeBufferPointer { values in
                for i in 0..<area {
                    for channel in 0..<3 {
                        bytes[3 * i + channel] = UInt8(max(0, min(255, (values[channel * area + i] * 255).rounded())))
                    }
                }
            }
            count = 3 * area
        }
    }
}

extension RGBImage {
    /// The image itself, if a crop fits into it.
    ///
    /// - Throws: `unusableImage`, naming the file.
    func reaching(_ crop: Int, _ file: FilePath) throws(TrainingError) -> RGBImage {
        guard min(width, height) >= crop else {
            throw TrainingError(
                .unusableImage, "\(file) has \(width) x \(height) pixels, less than the crop of \(crop).")
        }
        return self
    }
}
