import Glibc
import Imaging
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

    private struct Pair: Sendable {
        /// Of the reduction; the photograph is four times as large.
        var width: Int
        var height: Int
        /// Interleaved RGB.
        var low: [UInt8]
        var high: [UInt8]

        init(_ picture: RGBPicture, teacher: Teacher? = nil) throws(TrainingError) {
            let large = picture.cropped(toMultipleOf: PatchDataset.scale)
            let small = BicubicResampler.downsample(large, by: PatchDataset.scale).roundedTo8Bits()
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

    private let pairs: [Pair]
    /// The side of a patch of the reduction.
    private let side: Int
    private let augments: Bool

    /// Reads all pictures of folders and of those below them, in the order of their names, and reduces them.
    ///
    /// - Parameters:
    ///   - teacher: What the targets are mixed with.
    ///   - threads: How many pictures are prepared at the same time.
    /// - Throws: `noPictures` where a folder cannot be listed or nothing in the folders can be used.
    public convenience init(
        folders: [FilePath], crop: Int, sampling: RunConfiguration.DataSection.Sampling, augments: Bool,
        teacher: Teacher? = nil, threads: Int = 1
    ) throws(TrainingError) {
        var files: [FilePath] = []
        for folder in folders { files += try Self.pictures(below: folder) }
        var pairs: [Pair] = []
        var skipped: [Skipped] = []
        for result in Self.prepare(
            files, threads: threads,
            { file throws(TrainingError) in
                let picture = try RGBPicture(contentsOf: file)
                if sampling == .resize {
                    return try Pair(BicubicResampler.resize(picture, width: crop, height: crop), teacher: teacher)
                }
                guard min(picture.width, picture.height) >= crop else {
                    throw TrainingError(
                        .unusablePicture,
                        "\(file) has \(picture.width) x \(picture.height) pixels and is smaller than a crop of \(crop)."
                    )
                }
                return try Pair(picture, teacher: teacher)
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
                .noPictures,
                skipped.isEmpty
                    ? "\(names) holds no picture."
                    : "None of the \(skipped.count) pictures in \(names) can be used. \(skipped[0].reason)")
        }
        self.init(pairs: pairs, crop: crop, augments: augments, skipped: skipped)
    }

    /// Takes pictures that are in memory, each at least as large as a crop.
    public convenience init(pictures: [RGBPicture], crop: Int, augments: Bool) {
        precondition(pictures.allSatisfy { min($0.width, $0.height) >= crop }, "a picture is smaller than a crop")
        // Without a teacher nothing can fail.
        self.init(pairs: pictures.map { try! Pair($0) }, crop: crop, augments: augments, skipped: [])
    }

    private init(pairs: [Pair], crop: Int, augments: Bool, skipped: [Skipped]) {
        precondition(crop > 0 && crop % Self.scale == 0, "a crop is a multiple of the scale")
        self.pairs = pairs
        self.skipped = skipped
        self.augments = augments
        side = crop / Self.scale
    }

    /// Makes a pair of each file on threads of its own; the results are in the files' order.
    ///
    /// Each picture becomes bytes at once: as numbers of single precision a few thousand would not fit into memory.
    private static func prepare(
        _ files: [FilePath], threads: Int, _ make: @escaping @Sendable (FilePath) throws(TrainingError) -> Pair
    ) -> [Result<Pair, Skipped>] {
        let next = Mutex(0)
        let results = Mutex([Result<Pair, Skipped>?](repeating: nil, count: files.count))
        let workers = (0..<min(threads, files.count)).map { index in
            WorkThread(name: "pictures-\(index)") {
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

    private static func bytes(_ picture: RGBPicture) -> [UInt8] {
        let area = picture.width * picture.height
        return [UInt8](unsafeUninitializedCapacity: 3 * area) { bytes, count in
            picture.values.withUnsafeBufferPointer { values in
                for i in 0..<area {
                    for channel in 0..<3 {
                        bytes[3 * i + channel] = UInt8(max(0, min(255, (values[channel * area + i] * 255).rounded())))
                    }
                }
            }
            count = 3 * area
        }
    }

    /// Lists the pictures below a folder, in the order of their paths' bytes.
    private static func pictures(below folder: FilePath) throws(TrainingError) -> [FilePath] {
        guard let stream = folder.withPlatformString({ opendir($0) }) else {
            throw TrainingError(.noPictures, "\(folder) cannot be listed: \(String(cString: strerror(errno))).")
        }
        var files: [FilePath] = []
        var folders: [FilePath] = []
        while let entry = readdir(stream) {
            // Names are bytes: they go from readdir to open without passing through text.
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { FilePath(platformString: $0) }
            }
            guard let component = name.lastComponent, component.kind == .regular, !component.string.hasPrefix(".")
            else { continue }
            let path = folder.appending(component)
            var status = stat()
            // Not through links: a link to a folder above would never end.
            guard path.withPlatformString({ lstat($0, &status) }) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                folders.append(path)
            } else if let fileExtension = component.extension, ImageFormat(fileExtension: fileExtension) != nil {
                files.append(path)
            }
        }
        closedir(stream)
        for folder in folders { files += try pictures(below: folder) }
        return files.sorted { $0.string.utf8.lexicographicallyPrecedes($1.string.utf8) }
    }

    /// Fills one picture of two batches with a random pair of patches, values in [-1, 1].
    public func takePair(
        into low: Batch, _ high: Batch, at sample: Int, random: inout SeededGenerator
    ) {
        precondition(low.width == side && low.height == side && low.channels == 3, "the batch does not fit")
        precondition(high.width == Self.scale * side && high.height == high.width && high.channels == 3)
        let pair = pairs[Int.random(in: 0..<pairs.count, using: &random)]
        let x = Int.random(in: 0...pair.width - side, using: &random)
        let y = Int.random(in: 0...pair.height - side, using: &random)
        let turn = augments ? Int.random(in: 0..<8, using: &random) : 0
        Self.copy(
            pair.low, width: pair.width, x: x, y: y, side: side, turn: turn, to: low.start + sample * low.pictureCount)
        Self.copy(
            pair.high, width: Self.scale * pair.width, x: Self.scale * x, y: Self.scale * y, side: Self.scale * side,
            turn: turn, to: high.start + sample * high.pictureCount)
    }

    /// Copies a square, flipped (bits 0 and 1 of `turn`) and transposed (bit 2): the eight symmetries of a square.
    private static func copy(
        _ bytes: [UInt8], width: Int, x: Int, y: Int, side: Int, turn: Int, to target: UnsafeMutablePointer<Float>
    ) {
        bytes.withUnsafeBufferPointer { bytes in
            var target = target
            for row in 0..<side {
                for column in 0..<side {
                    let (a, b) = turn & 4 == 0 ? (row, column) : (column, row)
                    let sourceRow = turn & 1 == 0 ? a : side - 1 - a
                    let sourceColumn = turn & 2 == 0 ? b : side - 1 - b
                    let source = ((y + sourceRow) * width + x + sourceColumn) * 3
                    for channel in 0..<3 { target[channel] = Float(bytes[source + channel]) / 127.5 - 1 }
                    target += 3
                }
            }
        }
    }
}
