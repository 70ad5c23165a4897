import Foundation
import NeuralNetwork
import SRGAN
import SystemPackage
import Testing

@testable import Training

/// Runs with validation images.
struct ValidationTests {
    private let folder: TrainingFolder
    private let context = ComputeContext(threads: 2)

    init() throws {
        folder = try TrainingFolder()
        for seed in 0..<3 { try folder.write(.shapes(width: 64, height: 48, seed: seed), "Mine/\(seed).png") }
        try folder.write(.shapes(width: 48, height: 64, seed: 9), "Other/a.png")
    }

    private func trainer(_ output: String, validation: String = "", iterations: Int = 6) throws -> Trainer {
        var configuration = try RunConfiguration.tiny(
            .pretrain, output: folder.path.appending(output),
            sections: """
                optimizer = { average = 0.9 }
                report = { log_every = 3, checkpoint_every = 3, statistics_batches = 2 }
                \(validation)
                """)
        configuration.iterations = iterations
        let data = PatchDataset(images: [.shapes(width: 48, height: 48, seed: 1)], crop: 32, augments: true)
        return try Trainer(configuration, dataset: data, context: context)
    }

    private var section: String {
        """
        [validation]
        folders = ["\(folder.path)/Mine", "\(folder.path)/Other"]
        every = 2
        samples = 2
        keep_best = true
        """
    }

    private func run(_ trainer: Trainer, resumes: Bool = false) throws -> [ValidationResult] {
        var results: [ValidationResult] = []
        _ = try TrainingRun(trainer, resumes: resumes).run {
            false
        } report: { _ in
        } validated: {
            results.append($0)
        }
        return results
    }

    private func bytes(_ name: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: folder.path.appending(name).string))
    }

    private func log(_ run: String) throws -> [[String: Double]] {
        try String(decoding: bytes("\(run)/log.jsonl"), as: UTF8.self).split(separator: "\n").map {
            try JSONDecoder().decode([String: Double].self, from: Data($0.utf8))
        }
    }

    @Test func validationChangesNothing() throws {
        _ = try run(trainer("plain"))
        let results = try run(trainer("judged", validation: section))
        #expect(try bytes("plain/checkpoint.safetensors") == bytes("judged/checkpoint.safetensors"))
        #expect(try bytes("plain/model.safetensors") == bytes("judged/model.safetensors"))
        #expect(results.map(\.iteration) == [2, 4, 6])
    }

    /// The scores equal those of an evaluation of the written model.
    @Test func scoresAreThoseOfTheWrittenModel() throws {
        let last = try #require(try run(trainer("run", validation: section)).last)
        #expect(last.sets.map(\.name) == ["Mine", "Other"])
        let model = try ModelFile(contentsOf: folder.path.appending("run/model.safetensors"))
        let evaluator = try Evaluator(
            models: [.init(name: "model", generator: GeneratorChain([LoadedGenerator(model: model)]))], threads: 1)
        let (report, _) = try evaluator.run(
            ["Mine", "Other"].map { .init(originals: try ImageFolder(folder.path.appending($0)), small: nil) })
        for (set, dataset) in zip(last.sets, report.datasets) {
            #expect(set.psnr == dataset.means[1].psnr && set.ssim == dataset.means[1].ssim)
            #expect(set.bicubicPSNR == dataset.means[0].psnr && set.bicubicSSIM == dataset.means[0].ssim)
        }
        let lines = try log("run").filter { $0["psnr_y/Mine"] != nil }
        #expect(lines.map { $0["iteration"] } == [2, 4, 6])
        #expect(lines[2]["psnr_y/Other"] == last.sets[1].psnr && lines[2]["ssim_y/Mine"] == last.sets[0].ssim)
        #expect(lines[2]["bicubic_psnr_y/Mine"] == last.sets[0].bicubicPSNR)
    }

    /// The measures of sharpness, grid and colour are logged too, and equal those of an evaluation.
    @Test func furtherMeasuresAreLogged() throws {
        let last = try #require(try run(trainer("run", validation: section)).last)
        let line = try #require(try log("run").last { $0["psnr_y/Mine"] != nil })
        for (name, value) in [
            ("colour_error", \EvaluationReport.Score.colourError), ("consistency", \.consistency), ("grid", \.grid),
            ("gradient_energy", \.gradientEnergy),
        ] {
            let (model, bicubic) = (last.sets[0].model[keyPath: value], last.sets[0].bicubic[keyPath: value])
            #expect(model != nil && line["\(name)/Mine"] == model)
            #expect(bicubic != nil && line["bicubic_\(name)/Mine"] == bicubic)
        }
        let original = last.sets[0].original.grid
        #expect(original != nil && line["original_grid/Mine"] == original)
        #expect(line["grid_warning/Mine"] == last.sets[0].excessiveGrid)
    }

    @Test func aGridIsAWarningWithTheIteration() {
        func result(grid: Double?) -> ValidationResult {
            let score = EvaluationReport.Score(method: "current", psnr: 30, grid: grid)
            let set = ValidationResult.SetScores(
                name: "Mine", model: score, bicubic: score, original: .init(grid: 1.1))
            return ValidationResult(iteration: 40, sets: [set], bestPSNR: 30, bestIteration: 40)
        }
        #expect(result(grid: 1.42).warnings.isEmpty && result(grid: nil).warnings.isEmpty)
        #expect(RunMetrics.fields(result(grid: 1.42).sets)["grid_warning/Mine"] == nil)
        #expect(
            result(grid: 2.2).warnings == [
                "iteration 40: the grid on Mine is 2.00 times the originals' grid (limit 1.3)."
            ])
        #expect(abs((RunMetrics.fields(result(grid: 2.2).sets)["grid_warning/Mine"] ?? 0) - 2) < 1e-9)
    }

    @Test func bestModelAndSamplesAreKept() throws {
        let results = try run(trainer("run", validation: section))
        let means = results.map { ($0.sets[0].psnr + $0.sets[1].psnr) / 2 }
        let best = try #require(means.max())
        #expect(results.last?.bestPSNR == best)
        #expect(results.last?.bestIteration == results[try #require(means.firstIndex(of: best))].iteration)
        let model = try ModelFile(contentsOf: folder.path.appending("run/best.safetensors"))
        #expect(model.metadata.training?.contains("\(results.last?.bestIteration ?? 0) iterations") == true)
        for name in ["0000002.png", "0000004.png", "0000006.png"] {
            let image = try RGBImage(contentsOf: folder.path.appending("run/samples/\(name)"))
            // LR, bicubic, current, HR; two images.
            #expect(image.width == 12 + 4 * 300 && image.height > 2 * 48)
        }
        #expect(try bytes("run/curves.svg").range(of: Data("PSNR on Y".utf8)) != nil)
        #expect(FileManager.default.fileExists(atPath: "\(folder.path)/run/events.out.tfevents.0000000001.srgan"))
    }

    /// Low-resolution versions may be given, such as compressed ones.
    @Test func givenLowResolutionVersionsAreMeasured() throws {
        let original = RGBImage.shapes(width: 48, height: 64, seed: 9)
        let grey = RGBImage(width: 12, height: 16, values: [Float](repeating: 0.5, count: 3 * 12 * 16))
        try folder.write(grey, "small/a.png")
        func section(_ folders: String) -> String {
            "validation = { folders = [\"\(folder.path)/Other\"], lr = [\(folders)] }"
        }
        let result = try #require(try run(trainer("run", validation: section("\"\(folder.path)/small\""))).last)
        let flat = RGBImage(width: 48, height: 64, values: [Float](repeating: 128 / 255, count: 3 * 48 * 64))
        let expected = PSNR.decibels(
            [try #require(Plane.luma(of: flat).withoutBorder(4))],
            [try #require(Plane.luma(of: original.roundedTo8Bits()).withoutBorder(4))])
        #expect(abs(result.sets[0].bicubicPSNR - expected) < 1e-6)
        let trainer = try trainer("other", validation: section("\"\(folder.path)/Mine\""))
        let error = #expect(throws: TrainingError.self) { try TrainingRun(trainer, resumes: false) }
        #expect(error?.message.contains("has no low-resolution version of") == true)
    }

    /// A resumed run knows its best validation from before the interruption; log lines are neither lost nor repeated.
    @Test func aResumedRunKnowsItsHistory() throws {
        let undisturbed = try run(trainer("whole", validation: section, iterations: 8))
        _ = try run(trainer("parts", validation: section, iterations: 4))
        // A killed run may have logged steps after its last checkpoint.
        let path = folder.path.appending("parts/log.jsonl").string
        let whole = try String(contentsOfFile: path, encoding: .utf8)
        try (whole + "{\"iteration\":5,\"psnr_y/Mine\":99,\"psnr_y/Other\":99}\n{\"iter").write(
            toFile: path, atomically: true, encoding: .utf8)
        let resumed = try run(trainer("parts", validation: section, iterations: 8), resumes: true)
        #expect(resumed.last == undisturbed.last)
        let (expected, actual) = (try log("whole"), try log("parts"))
        #expect(actual.compactMap { $0["psnr_y/Mine"] } == expected.compactMap { $0["psnr_y/Mine"] })
        #expect(actual.filter { $0["l_g_pix"] != nil }.map { $0["iteration"] } == [3, 4, 6, 8])
        #expect(try bytes("whole/checkpoint.safetensors") == bytes("parts/checkpoint.safetensors"))
    }

    @Test func imagesThatCannotBeMeasuredAreNamedAtTheStart() throws {
        func error(_ folders: String) throws -> TrainingError? {
            let trainer = try trainer("run", validation: "validation = { folders = [\(folders)] }")
            return #expect(throws: TrainingError.self) { try TrainingRun(trainer, resumes: false) }
        }
        try folder.write("no image", "Broken/a.png")
        try folder.write(.shapes(width: 64, height: 11, seed: 1), "Tiny/b.png")
        #expect(try #require(try error("\"\(folder.path)/None\"")).message.contains("None cannot be listed"))
        #expect(try #require(try error("\"\(folder.path)/Broken\"")).message.contains("a.png cannot be read"))
        #expect(try #require(try error("\"\(folder.path)/Tiny\"")).message.contains("b.png is too small"))
    }
}
