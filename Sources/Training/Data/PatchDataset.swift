import Imaging
import LinuxSupport
import NeuralNetwork
import SRGAN
import Synchronization
import SystemPackage

/// Photographs and their low-resolution versions, stored in memory as bytes. Training takes random pairs of patches
/// from them.
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
    }

    /// The factor by which a photograph is wider and higher than its low-resolution version.
    public static let scale = 4

    /// The files that were skipped.
    public let skipped: [Skipped]
    /// The number of photographs.
    public var count: Int { pairs.count }

    let pairs: [Pair]
    /// The width and height of a low-resolution patch, in pixels.
    let side: Int
    let augments: Bool
    let degradation: Degradation?

    /// Reads all images in the folders and their subfolders, in the order of their names, and downsamples them.
    ///
    /// - Parameters:
    ///   - teacher: A trained generator whose output is mixed into the targets.
    ///   - degradation: Degradations of the low-resolution patches, applied when a patch is taken.
    ///   - threads: The number of images to prepare at the same time.
    ///   - report: Called with the numbers of read and of all files: first with 0, then after each file, from any
    ///     thread.
    /// - Throws: `noImages` if a folder cannot be listed or the folders hold no usable image.
    public convenience init(
        folders: [FilePath], crop: Int, sampling: RunConfiguration.DataSection.Sampling, augments: Bool,
        teacher: Teacher? = nil, degradation: Degradation? = nil, threads: Int = 1,
        report: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
    ) throws(TrainingError) {
        var files: [FilePath] = []
        for folder in folders { files += try ImageTree.files(below: folder) }
        var pairs: [Pair] = []
        var skipped: [Skipped] = []
        for result in Self.prepare(
            files, threads: threads, report: report,
            { file throws(TrainingError) in
                let image = try RGBImage(contentsOf: file)
                if sampling == .resize {
                    return try Pair(Resampler.resize(image, width: crop, height: crop), teacher: teacher)
                }
                guard min(image.width, image.height) >= crop else {
                    throw TrainingError(
                        .unusableImage,
                        "\(file) has \(image.width) x \(image.height) pixels, less than the crop of \(crop)."
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

    /// Uses images in memory, each at least as large as a crop.
    public convenience init(
        images: [RGBImage], crop: Int, augments: Bool, degradation: Degradation? = nil
    ) {
        precondition(images.allSatisfy { min($0.width, $0.height) >= crop }, "an image is smaller than a crop")
        // Without a teacher, making a pair cannot fail.
        self.init(
            pairs: images.map { try! Pair($0) }, crop: crop, augments: augments, degradation: degradation, skipped: []
        )
    }

    private init(pairs: [Pair], crop: Int, augments: Bool, degradation: Degradation?, skipped: [Skipped]) {
        precondition(crop > 0 && crop % Self.scale == 0, "the crop must be a multiple of the scale")
        self.pairs = pairs
        self.skipped = skipped
        self.augments = augments
        self.degradation = degradation
        side = crop / Self.scale
    }

    /// Makes a pair from each file on several threads; the results are in the order of the files.
    ///
    /// Each thread converts its image to bytes before it takes the next one, because a few thousand images as
    /// single-precision numbers would not fit into memory.
    private static func prepare(
        _ files: [FilePath], threads: Int, report: @escaping @Sendable (Int, Int) -> Void,
        _ make: @escaping @Sendable (FilePath) throws(TrainingError) -> Pair
    ) -> [Result<Pair, Skipped>] {
        report(0, files.count)
        let next = Mutex(0)
        let done = Mutex(0)
        let results = Mutex([Result<Pair, Skipped>?](repeating: nil, count: files.count))
        let work = { @Sendable in
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
                // The lock is held during the report, so that the numbers are reported in order.
                done.withLock { done in
                    done += 1
                    report(done, files.count)
                }
            }
        }
        // The calling thread does the work if the system has no other thread.
        let workers = (try? NamedThread.start(min(threads, files.count), name: "images", body: work)) ?? []
        if workers.isEmpty { work() }
        for worker in workers { worker.join() }
        return results.withLock { $0.map { $0! } }
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
