import Imaging
import LinuxSupport
import NeuralNetwork
import SRGAN
import Synchronization
import SystemPackage

/// Photographs and their reductions in memory, as bytes, from which training takes random pairs of patches.
public final class PatchDataset: Sendable {
    /// A file that is not used, and why.
    public struct Skipped: Error, Equatable {
        /// The file.
        public let path: FilePath
        /// One full sentence.
        public let reason: String
    }

    struct Pair: Sendable {
        /// Of the reduction; the photograph is four times as large.
        var width: Int
        var height: Int
        /// Interleaved RGB.
        var low: [UInt8]
        var high: [UInt8]

        init(_ image: RGBImage, teacher: Teacher? = nil) throws(TrainingError) {
            let large = image.cropped(toMultipleOf: PatchDataset.scale)
            let small = Resampler.downsample(large, by: PatchDataset.scale).roundedTo8Bits()
            (width, height) = (small.width, small.height)
            low = PatchDataset.bytes(small)
            high = PatchDataset.bytes(try teacher?.target(for: large, small: small) ?? large)
        }
    }

    /// How much larger a photograph is than its reduction.
    public static let scale = 4

    /// The files that are not used.
    public let skipped: [Skipped]
    /// How many photographs there are.
    public var count: Int { pairs.count }

    let pairs: [Pair]
    /// The side of a patch of the reduction.
    let side: Int
    let augments: Bool
    let degradation: Degradation?

    /// Reads all images of folders and of those below them, in the order of their names, and reduces them.
    ///
    /// - Parameters:
    ///   - teacher: What the targets are mixed with.
    ///   - degradation: What the small patches suffer when they are taken.
    ///   - threads: How many images are prepared at the same time.
    /// - Throws: `noImages` where a folder cannot be listed or nothing in the folders can be used.
    public convenience init(
        folders: [FilePath], crop: Int, sampling: RunConfiguration.DataSection.Sampling, augments: Bool,
        teacher: Teacher? = nil, degradation: Degradation? = nil, threads: Int = 1
    ) throws(TrainingError) {
        var files: [FilePath] = []
        for folder in folders { files += try ImageTree.files(below: folder) }
        var pairs: [Pair] = []
        var skipped: [Skipped] = []
        for result in Self.prepare(
            files, threads: threads,
            { file throws(TrainingError) in
                let image = try RGBImage(contentsOf: file)
                if sampling == .resize {
                    return try Pair(Resampler.resize(image, width: crop, height: crop), teacher: teacher)
                }
                guard min(image.width, image.height) >= crop else {
                    throw TrainingError(
                        .unusableImage,
                        "\(file) has \(image.width) x \(image.height) pixels and is smaller than a crop of \(crop)."
                    )
                }
                return try Pair(image, teacher: teacher)
            })
        {
            switch result {
            case .success(let pair): pairs.append(pair)
            case .failure(let skip): skipped.append(skip)
            }
        }
        guard !pairs.isEmpty else {
            let names = folders.map(\.string).joined(separator: ", ")
            throw TrainingError(
                .noImages,
                skipped.isEmpty
                    ? "\(names) holds no image."
                    : "None of the \(skipped.count) images in \(names) can be used. \(skipped[0].reason)")
        }
        self.init(pairs: pairs, crop: crop, augments: augments, degradation: degradation, skipped: skipped)
    }

    /// Takes images that are in memory, each at least as large as a crop.
    public convenience init(
        images: [RGBImage], crop: Int, augments: Bool, degradation: Degradation? = nil
    ) {
        precondition(images.allSatisfy { min($0.width, $0.height) >= crop }, "an image is smaller than a crop")
        // Without a teacher nothing can fail.
        self.init(
            pairs: images.map { try! Pair($0) }, crop: crop, augments: augments, degradation: degradation, skipped: []
        )
    }

    private init(pairs: [Pair], crop: Int, augments: Bool, degradation: Degradation?, skipped: [Skipped]) {
        precondition(crop > 0 && crop % Self.scale == 0, "a crop is a multiple of the scale")
        self.pairs = pairs
        self.skipped = skipped
        self.augments = augments
        self.degradation = degradation
        side = crop / Self.scale
    }

    /// Makes a pair of each file on threads of its own; the results are in the files' order.
    ///
    /// Each image becomes bytes at once: as numbers of single precision a few thousand would not fit into memory.
    private static func prepare(
        _ files: [FilePath], threads: Int, _ make: @escaping @Sendable (FilePath) throws(TrainingError) -> Pair
    ) -> [Result<Pair, Skipped>] {
        let next = Mutex(0)
        let results = Mutex([Result<Pair, Skipped>?](repeating: nil, count: files.count))
        let workers = (0..<min(threads, files.count)).map { index in
            NamedThread(name: "images-\(index)") {
                while true {
                    let number = next.withLock { number in
                        defer { number += 1 }
                        return number
                    }
                    guard number < files.count else { return }
                    let file = files[number]
                    let result: Result<Pair, Skipped>
                    do throws(TrainingError) {
                        result = .success(try make(file))
                    } catch {
                        result = .failure(Skipped(path: file, reason: error.message))
                    }
                    results.withLock { $0[number] = result }
                }
            }
        }
        for worker in workers { worker.join() }
        return results.withLock { $0.map { $0! } }
    }

    /// An image as interleaved bytes.
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
