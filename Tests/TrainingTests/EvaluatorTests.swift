import Foundation
import Imaging
import NeuralNetwork
import SRGAN
import SystemPackage
import Testing

@testable import Training

/// Whole evaluations over folders of real files.
struct EvaluatorTests {
    /// A folder that is removed after the test.
    private final class Folder {
        let path: FilePath

        init() throws {
            path = FilePath(FileManager.default.temporaryDirectory.path).appending("srgan-\(UUID().uuidString)")
            try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: false)
        }

        deinit { try? FileManager.default.removeItem(atPath: path.string) }

        func write(_ image: RGBImage, _ name: String) throws {
            let file = try FileDescriptor.open(
                path.appending(name), .readWrite, options: [.create, .truncate], permissions: .ownerReadWrite)
            try file.closeAfter { try image.writePNG(to: file.rawValue) }
        }
    }

    private static func image(width: Int, height: Int, seed: Int) -> RGBImage {
        RGBImage(
            width: width, height: height,
            values: (0..<3 * width * height).map { Float(($0 / 3 * ($0 % 97 + seed)) % 256) / 255 })
    }

    private static func evaluator(rgb: Bool = false) throws -> Evaluator {
        let model = Evaluator.Model(
            name: "repeat", generator: try GeneratorChain([LoadedGenerator(model: RepeatingModel.file())]))
        return try Evaluator(models: [model], comparesRGB: rgb, threads: 2)
    }

    @Test func upscalingInTilesEqualsOnePiece() throws {
        let small = Self.image(width: 19, height: 11, seed: 3)
        let large = try Evaluator.upscale(small, with: LoadedGenerator(model: RepeatingModel.file()))
        #expect(large.width == 76 && large.height == 44)
        for (index, value) in large.values.enumerated() {
            let (row, column) = (index / 76, index % 76)
            let expected = small.values[(row / 44 * 11 + row % 44 / 4) * 19 + column / 4]
            #expect(abs(value - expected) < 1e-5)
        }
    }

    @Test func measuresASetInOrderOfNames() throws {
        let folder = try Folder()
        for (index, name) in ["c.png", "a.png", "b.png"].enumerated() {
            try folder.write(Self.image(width: 45 + index, height: 42, seed: index), name)
        }
        try Data("no image".utf8).write(to: URL(fileURLWithPath: folder.path.appending("readme.txt").string))
        let set = Evaluator.Dataset(originals: try ImageFolder(folder.path), small: nil)
        let (report, panels) = try Self.evaluator().run([set], panelCount: 2)
        let dataset = try #require(report.datasets.first)
        #expect(dataset.images.map(\.name) == ["a", "b", "c"])
        #expect(dataset.images.allSatisfy { $0.width == 44 && $0.height == 40 })
        #expect(dataset.lowResolution == "bicubic" && report.channels == "y" && report.border == 4)
        #expect(dataset.means.map(\.method) == ["bicubic", "repeat"])
        let psnr = dataset.images.map { $0.scores[1].psnr }
        #expect(abs(dataset.means[1].psnr - psnr.reduce(0, +) / 3) < 1e-9)

        // The expected score of the second image, computed here: crop, downsample, repeat, round, compare without border.
        let original = try RGBImage(contentsOf: folder.path.appending("b.png")).cropped(toMultipleOf: 4)
        #expect(panels.map(\.title).map { $0.suffix(2) } == [" a", " b"])
        let repeated = panels[1].results[1]
        let expected = PSNR.decibels(
            [Plane.luma(of: repeated).withoutBorder(4)!], [Plane.luma(of: original).withoutBorder(4)!])
        #expect(abs(psnr[1] - expected) < 1e-5)
        #expect(panels[1].small == Resampler.downsample(original, by: 4).roundedTo8Bits())

        let comparison = try #require(ComparisonImage.make(panels))
        #expect(comparison.width == 12 + 4 * 300)
        #expect(comparison.values.contains { $0 < 0.5 })
    }

    /// A degraded input is what the model upscales, and what consistency and colours are compared with.
    @Test func inputsAreDegradedByTheSeed() throws {
        let folder = try Folder()
        try folder.write(.shapes(width: 96, height: 64, seed: 2), "a.png")
        let set = Evaluator.Dataset(originals: try ImageFolder(folder.path), small: nil)
        let model = Evaluator.Model(
            name: "repeat", generator: try GeneratorChain([LoadedGenerator(model: RepeatingModel.file())]))
        func run(_ degradation: InputDegradation?, seed: UInt64 = 1) throws -> (EvaluationReport, Evaluator.Panels) {
            let evaluator = try Evaluator(models: [model], degradation: degradation, seed: seed, threads: 1)
            let (report, panels) = try evaluator.run([set], alsoKept: [0])
            return (report, try #require(panels.first))
        }
        let (clean, degraded) = (try run(nil), try run(.web))
        #expect(clean.0.degradation == nil && degraded.0.degradation == .web && degraded.0.seed == 1)
        #expect(degraded.1.small == (try InputDegradation.web.apply(to: clean.1.small, seed: 1, name: "a")))
        #expect(try run(.web, seed: 2).1.small != degraded.1.small)
        let score = degraded.0.datasets[0].means[1]
        #expect(score.psnr < clean.0.datasets[0].means[1].psnr)
        #expect(score.consistency == Consistency.decibels(degraded.1.results[1], input: degraded.1.small))
        #expect(try #require(score.colourError) < 0.01)
        let text = MeasureTable.text(degraded.0)
        #expect(text.contains("consistency dB") && !text.contains("VGG"))
        #expect(text.split(separator: "\n").map { $0.prefix(8) }.suffix(3) == ["bicubic ", "repeat  ", "original"])
    }

    @Test func givenLowResolutionImagesAreUsed() throws {
        let (originals, small) = (try Folder(), try Folder())
        let image = Self.image(width: 12, height: 13, seed: 5)
        try small.write(image, "ax4.png")
        let upscaled = try Evaluator.upscale(image, with: LoadedGenerator(model: RepeatingModel.file()))
        try originals.write(upscaled, "a.png")
        let set = Evaluator.Dataset(
            originals: try ImageFolder(originals.path), small: try ImageFolder(small.path))
        let (report, _) = try Self.evaluator(rgb: true).run([set])
        // The original is the network's own output, so the result is identical.
        #expect(report.datasets[0].means[1].psnr == .infinity)
        #expect(report.datasets[0].means[0].psnr < 40)
        #expect(report.datasets[0].lowResolution == small.path.string && report.channels == "rgb")
        let text = EvaluationTable.text(report, withPaper: false)
        #expect(text.contains("PSNR in dB / SSIM on RGB, x4, border 4"))
        #expect(text.contains("inf / 1.0000"))
    }

    @Test func imagesThatCannotBeMeasuredAreNamed() throws {
        let (originals, small) = (try Folder(), try Folder())
        #expect(throws: TrainingError.self) { try ImageFolder(originals.path) }
        try originals.write(Self.image(width: 40, height: 40, seed: 1), "a.png")
        try small.write(Self.image(width: 9, height: 10, seed: 1), "a.png")
        let set = Evaluator.Dataset(
            originals: try ImageFolder(originals.path), small: try ImageFolder(small.path))
        let size = #expect(throws: TrainingError.self) { try Self.evaluator().run([set]) }
        #expect(size?.message.contains("a.png has 9 x 10 pixels, but 10 x 10 are expected") == true)
        try Data("no image".utf8).write(to: URL(fileURLWithPath: originals.path.appending("a.png").string))
        let damaged = #expect(throws: TrainingError.self) { try Self.evaluator().run([set]) }
        #expect(damaged?.code == .unusableImage && damaged?.message.contains("a.png cannot be read") == true)
    }

    @Test func thePapersResultsAreShownForItsSets() {
        func set(_ name: String) -> EvaluationReport.Dataset {
            let score = EvaluationReport.Score(method: "bicubic", psnr: 28.4249, ssim: 0.81, vgg: nil)
            return EvaluationReport.Dataset(
                name: name, lowResolution: "bicubic",
                images: [EvaluationReport.Image(name: "a", width: 4, height: 4, scores: [score])])
        }
        let report = EvaluationReport(scale: 4, border: 4, channels: "y", datasets: [set("Mine"), set("Set5")])
        let lines = EvaluationTable.text(report, withPaper: true).split(separator: "\n")
        #expect(lines.count == 10)
        #expect(lines[2].contains("28.42 / 0.8100   28.42 / 0.8100"))
        #expect(lines[8].hasPrefix("paper: SRResNet") && lines[8].hasSuffix("32.05 / 0.9019"))
    }
}
