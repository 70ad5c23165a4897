import Foundation
import Imaging
import LinuxSupport
import NeuralNetwork
import SystemPackage

/// Makes pairs of a degraded low-resolution image and a teacher's output for it, once, and keeps them in a folder.
///
/// The teacher's colours are corrected: the output gets the low frequencies of the low-resolution image. A pair depends
/// only on the configuration and its number, so an interrupted run continues where it stopped.
struct TeacherPairs {
    /// The settings on which the pairs depend; `pairs.json` in the folder.
    private struct Origin: Codable, Equatable {
        var teacher: String
        var symmetries: Int
        var side: Int
        var seed: UInt64
        var degradation: RunConfiguration.DegradationSection?
        var folders: [String]
    }

    private let teacher: Teacher
    private let section: RunConfiguration.TeacherSection
    private let degradation: Degradation?
    private let seed: UInt64
    /// The side of the patches that training takes from the pairs, in pixels of the target.
    private let crop: Int
    private let files: [FilePath]
    private let folder: FilePath

    /// The standard deviation of the blur that separates the low frequencies, in pixels of the low-resolution image.
    private static let correctedBlur = 2.0

    /// Prepares the folder.
    ///
    /// - Throws: `configuration` if the folder holds pairs of other settings; `noImages` if there are no photographs;
    ///   `outputFailed`.
    init(
        _ teacher: Teacher, folder: FilePath, configuration: RunConfiguration, section: RunConfiguration.TeacherSection
    ) throws(TrainingError) {
        self.teacher = teacher
        self.section = section
        self.folder = folder
        degradation = configuration.degradation.map { Degradation($0) }
        seed = configuration.seed
        crop = configuration.data.crop
        var files: [FilePath] = []
        for folder in configuration.data.folders { files += try ImageTree.files(below: folder) }
        guard !files.isEmpty else {
            throw TrainingError(
                .noImages, "\(configuration.data.folders.map(\.string).joined(separator: ", ")) holds no image.")
        }
        self.files = files
        let origin = Origin(
            teacher: teacher.sha256, symmetries: section.symmetries, side: section.side, seed: seed,
            degradation: configuration.degradation, folders: configuration.data.folders.map(\.string))
        try Self.check(origin, in: folder)
    }

    private static func check(_ origin: Origin, in folder: FilePath) throws(TrainingError) {
        let path = folder.appending("pairs.json")
        if let known = FileManager.default.contents(atPath: path.string) {
            guard (try? JSONDecoder().decode(Origin.self, from: known)) == origin else {
                throw TrainingError(
                    .configuration,
                    "\(folder) holds the pairs of another teacher, degradation, seed or data folder: name another folder in "
                        + "teacher.folder, or remove this one.")
            }
            return
        }
        do {
            for name in ["inputs", "targets"] {
                try FileManager.default.createDirectory(
                    atPath: folder.appending(name).string, withIntermediateDirectories: true)
            }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            try AtomicFile.write([UInt8](encoder.encode(origin)), to: path)
        } catch {
            throw TrainingError(.outputFailed, "\(folder) cannot be written: \(error)", cause: error)
        }
    }

    /// Makes the pairs that the folder does not have yet, on several threads.
    ///
    /// - Parameter report: Called with the numbers of finished and of all pairs that were missing.
    /// - Returns: The photographs that were skipped, once each.
    func make(
        threads: Int, report: @escaping @Sendable (Int, Int) -> Void
    ) throws(TrainingError) -> [PatchDataset.Skipped] {
        let missing = (0..<section.pairs).filter {
            !FileManager.default.fileExists(atPath: path("targets", $0).string)
        }
        let failures = ConcurrentItems.map(missing.count, threads: threads, report: report) {
            item -> (file: FilePath, error: TrainingError)? in
            let file = files[missing[item] % files.count]
            do throws(TrainingError) {
                try make(missing[item], from: file)
                return nil
            } catch {
                return (file, error)
            }
        }
        var skipped: [PatchDataset.Skipped] = []
        for case (let file, let error)? in failures {
            guard error.code == .unusableImage else { throw error }
            if !skipped.contains(where: { $0.path == file }) {
                skipped.append(PatchDataset.Skipped(path: file, reason: error.message))
            }
        }
        return skipped
    }

    private func path(_ kind: String, _ number: Int) -> FilePath {
        let digits = String(number)
        let padded = String(repeating: "0", count: max(0, 6 - digits.count)) + digits
        return folder.appending(kind).appending("\(padded).png")
    }

    /// Makes one pair from a random crop of a photograph.
    private func make(_ number: Int, from file: FilePath) throws(TrainingError) {
        var random = SeededGenerator(seed: seed &+ (UInt64(number) &+ 1) &* 0x9E37_79B9_7F4A_7C15)
        let scale = PatchDataset.scale
        let photograph = try RGBImage(contentsOf: file).reaching(crop, file)
        func span(_ length: Int) -> (start: Int, length: Int) {
            let side = min(section.side, length / scale * scale)
            return (Int.random(in: 0...length - side, using: &random), side)
        }
        let (columns, rows) = (span(photograph.width), span(photograph.height))
        let part = photograph.cropped(
            to: PixelRegion(x: columns.start, y: rows.start, width: columns.length, height: rows.length))
        let small: RGBImage
        if let degradation {
            let recipe = degradation.draw(random: &random)
            do {
                let bytes = try degradation.apply(recipe, to: part, random: &random)
                small = RGBImage(bytes: bytes, width: part.width / scale, height: part.height / scale)
            } catch {
                throw TrainingError(.shortage, "\(file) cannot be degraded: \(error)", cause: error)
            }
        } else {
            small = Resampler.downsample(part, by: scale).roundedTo8Bits()
        }
        let target = Self.corrected(try teacher.output(for: small), to: small)
        try AtomicFile.write(to: path("inputs", number), durability: .content) { try small.writePNG(to: $0.rawValue) }
        // A pair exists if its target does, so the target is written last.
        try AtomicFile.write(to: path("targets", number), durability: .content) { try target.writePNG(to: $0.rawValue) }
    }

    /// Gives an image the low frequencies of its low-resolution version.
    static func corrected(_ output: RGBImage, to small: RGBImage) -> RGBImage {
        let reduced = Resampler.resize(values: output, width: small.width, height: small.height)
        let error = RGBImage(
            width: small.width, height: small.height, values: zip(small.values, reduced.values).map { $0 - $1 })
        let blur = GaussianBlur(sigmas: (correctedBlur, correctedBlur), angle: 0)
        let correction = Resampler.resize(values: blur(error), width: output.width, height: output.height)
        return RGBImage(
            width: output.width, height: output.height,
            values: zip(output.values, correction.values).map { max(0, min(1, $0 + $1)) })
    }
}
