import Foundation
import SystemPackage
import Testing

@testable import Training

/// Pairs made once with a teacher that repeats each pixel 4 x 4 times.
struct TeacherPairsTests {
    private let folder: TrainingFolder

    init() throws {
        folder = try TrainingFolder()
        for seed in 0..<2 {
            try folder.write(.shapes(width: 70, height: 64 + 10 * seed, seed: seed), "images/\(seed).png")
        }
        try Data(RepeatingModel.file().encoded())
            .write(to: URL(fileURLWithPath: folder.path.appending("teacher.safetensors").string))
    }

    private func configuration(
        _ teacher: String = "pairs = 3", sections: String = "", seed: Int = 1
    ) throws -> RunConfiguration {
        try RunConfiguration(
            toml: """
                stage = "pretrain"
                output = "run"
                seed = \(seed)
                iterations = 1
                [data]
                folders = ["images"]
                crop = 32
                [teacher]
                model = "teacher.safetensors"
                folder = "pairs"
                side = 48
                \(teacher)
                \(sections)
                """, folder: folder.path)
    }

    @discardableResult
    private func dataset(_ configuration: RunConfiguration) throws -> PatchDataset {
        try PatchDataset(configuration, threads: 2, making: { _, _ in }, reading: { _, _ in })
    }

    private func data(_ name: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: folder.path.appending("pairs/\(name)").string))
    }

    private static let degradation = "[degradation]\nnoise = 1\nnoise_sigma = [5, 5]\nblur = 0\njpeg = 0"

    @Test func aPairIsADegradedImageAndTheTeachersOutput() throws {
        let dataset = try dataset(configuration("pairs = 3\nshare = 1", sections: Self.degradation))
        #expect(dataset.photographs.isEmpty && dataset.readyPairs.count == 3)
        for number in 0..<3 {
            let input = try RGBImage(contentsOf: folder.path.appending("pairs/inputs/00000\(number).png"))
            let target = try RGBImage(contentsOf: folder.path.appending("pairs/targets/00000\(number).png"))
            #expect(input.width == 12 && input.height == 12 && target.width == 48 && target.height == 48)
            let repeated = RGBImage(
                width: 48, height: 48,
                values: (0..<3 * 2304).map {
                    input.values[$0 / 2304 * 144 + $0 % 2304 / 48 / 4 * 12 + $0 % 48 / 4]
                })
            let expected = TeacherPairs.corrected(repeated, to: input)
            #expect(zip(target.values, expected.values).allSatisfy { abs($0 - $1) < 1.6 / 255 })
        }
        // The noise shows that the input was degraded: the shapes are smooth.
        let input = try RGBImage(contentsOf: folder.path.appending("pairs/inputs/000000.png"))
        let steps = zip(input.values, input.values.dropFirst()).map { abs($1 - $0) }
        #expect(steps.reduce(0, +) / Float(steps.count) > 3.0 / 255)
    }

    /// The teacher's colours are replaced by those of the input; its detail stays.
    @Test func theTeachersColoursAreCorrected() {
        let small = RGBImage.shapes(width: 24, height: 20, seed: 1)
        let output = Resampler.resize(values: small, width: 96, height: 80)
        var wrong = output
        for i in wrong.values.indices {
            let (x, y) = (i % 7680 % 96, i % 7680 / 96)
            // A wrong colour, and detail of a quarter of a low-resolution pixel.
            wrong.values[i] += 0.08 + ((x + y) % 2 == 0 ? 0.1 : -0.1)
        }
        let corrected = TeacherPairs.corrected(wrong, to: small)
        for i in wrong.values.indices {
            let (x, y) = (i % 7680 % 96, i % 7680 / 96)
            let expected = max(0, min(1, output.values[i] + ((x + y) % 2 == 0 ? 0.1 : -0.1)))
            #expect(abs(corrected.values[i] - expected) < 0.01)
        }
    }

    /// A second run makes only what is missing, with the same bytes.
    @Test func pairsAreMadeOnce() throws {
        let names = (0..<3).flatMap { ["inputs/00000\($0).png", "targets/00000\($0).png"] }
        try dataset(configuration())
        let first = try names.map(data)
        try FileManager.default.removeItem(atPath: folder.path.appending("pairs/targets/000001.png").string)
        // A temporary file that a killed run left behind.
        try folder.write("cut", "pairs/targets/000001.png.part")
        let kept = folder.path.appending("pairs/targets/000002.png").string
        let before = try FileManager.default.attributesOfItem(atPath: kept)[.modificationDate] as? Date
        let again = try dataset(configuration("pairs = 3\nshare = 0.5"))
        #expect(try names.map(data) == first)
        #expect(try FileManager.default.attributesOfItem(atPath: kept)[.modificationDate] as? Date == before)
        #expect(again.photographs.count == 2 && again.readyPairs.count == 3 && again.readyShare == 0.5)
        // More pairs are added to the same folder.
        #expect(try dataset(configuration("pairs = 5")).readyPairs.count == 5)
    }

    @Test func aFolderOfOtherPairsIsRefused() throws {
        try dataset(configuration())
        for other in [
            try configuration(seed: 2), try configuration(sections: Self.degradation),
            try configuration("pairs = 3\nsymmetries = 2"),
        ] {
            let error = #expect(throws: TrainingError.self) { try dataset(other) }
            #expect(error?.code == .configuration && error?.message.contains("another teacher") == true)
        }
    }

    @Test func photographsThatCannotBeUsedAreNamed() throws {
        try folder.write("no image", "images/2.png")
        let dataset = try dataset(configuration("pairs = 6\nshare = 1"))
        #expect(dataset.skipped.count == 1 && dataset.skipped[0].reason.contains("2.png"))
        #expect(dataset.readyPairs.count == 4)
    }

    @Test func mistakes() {
        func message(_ teacher: String, _ sections: String = "") -> String {
            do {
                _ = try configuration(teacher, sections: sections)
                return ""
            } catch {
                return "\(error)"
            }
        }
        #expect(message("").contains("teacher.folder"))
        #expect(message("pairs = 0").contains("teacher.pairs"))
        #expect(message("pairs = 3", "[pairs]\ninputs = [\"a\"]\ntargets = [\"b\"]").contains("teacher.pairs"))
    }
}
