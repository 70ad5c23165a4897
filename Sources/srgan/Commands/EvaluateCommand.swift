import ArgumentParser
import Foundation
import Imaging
import LinuxSupport
import ModelLocation
import SRGAN
import SystemPackage
import Training

/// `srgan evaluate`: measures of models on test sets.
struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measure models on test sets.",
        discussion: """
            Each original is cropped to a multiple of 4 and downsampled with a bicubic kernel, unless --lr has its \
            low-resolution version. Each model upscales the low-resolution image, and the result is rounded to 8 bits. PSNR and SSIM (Gaussian \
            window of 11 x 11, sigma 1.5) are measured on Y of BT.601 without a border of 4 pixels. For sets named Set5, Set14 \
            and BSD100 the paper's results are shown too; the paper measured SSIM with another tool, which reports 0.02 to 0.05 more.

            A second table has the other measures, on whole images: NIQE (low for natural images), gradient energy (1: as \
            sharp as the original), grid (a pattern of 4 pixels; photographs have about 1), colour error of blocks in 255ths, \
            and consistency (PSNR between the low-resolution image and the reduced result). docs/cli.md defines them.
            """
    )

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "A model, by name or path, or several separated by commas; may be repeated.", valueName: "name|path"))
    var model: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Measure each --model that has a fidelity model mixed with it, with these textures from 0 to 1.",
            valueName: "share"))
    var texture: [Double] = []

    @Option(
        help: ArgumentHelp(
            "The fidelity model of --texture (default: the one that belongs to each model).", valueName: "name|path"))
    var fidelityModel: String?

    @Option(
        parsing: .upToNextOption, help: ArgumentHelp("Folders of originals, one test set each.", valueName: "folder"))
    var dataset: [String]

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Folders of low-resolution versions, in the order of --dataset.", valueName: "folder"))
    var lr: [String] = []

    @Option(help: ArgumentHelp("Write the scores of each image as JSON.", valueName: "file"))
    var json: String?

    @Option(
        help: ArgumentHelp(
            "Write a PNG with a row for each of the first images: LR, bicubic, each model, HR.", valueName: "file"))
    var comparison: String?

    @Option(help: ArgumentHelp("Number of images in --comparison.", valueName: "n"))
    var comparisonRows = 4

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Further models; writes a sheet of crops: original, bicubic, each model.", valueName: "name|path"))
    var beside: [String] = []

    @Option(help: ArgumentHelp("The PNG of the sheet of crops (default with --beside: beside.png).", valueName: "file"))
    var sheet: String?

    @Option(help: ArgumentHelp("Number of crops on the sheet.", valueName: "n"))
    var sheetCrops = 8

    @Option(help: ArgumentHelp("Degrade the low-resolution images: web, scan or phone.", valueName: "kind"))
    var degrade: InputDegradation?

    @Option(help: ArgumentHelp("Seed of --degrade and of the sheet's crops.", valueName: "n"))
    var seed: UInt64 = 1

    @Flag(help: "Compare red, green and blue instead of Y.")
    var rgb = false

    @Option(
        help: ArgumentHelp("Weights of VGG-19; also measures the distance between its features.", valueName: "file"))
    var vgg: String?

    @Option(help: ArgumentHelp("Images processed at the same time (default: one per processor).", valueName: "n"))
    var threads: Int?

    @OptionGroup var messages: VerboseOption

    func validate() throws {
        guard lr.isEmpty || lr.count == dataset.count else {
            throw ValidationError("--lr needs one folder for each --dataset.")
        }
        guard threads.map({ (1...1024).contains($0) }) ?? true else {
            throw ValidationError("--threads must be 1 to 1024.")
        }
        for (option, file) in [("--comparison", comparison), ("--sheet", sheet)] {
            guard let name = file.flatMap({ ArgumentBytes.path(of: $0).extension }), !name.isEmpty else { continue }
            guard ImageFormat(fileExtension: name) == .png else {
                throw ValidationError("\(option) writes a PNG; its file must end in .png.")
            }
        }
        guard fidelityModel == nil || !texture.isEmpty else {
            throw ValidationError("--fidelity-model has no effect without --texture.")
        }
        guard texture.allSatisfy({ (0...1).contains($0) }) else { throw ValidationError("--texture must be 0 to 1.") }
        guard (1...50).contains(sheetCrops) else { throw ValidationError("--sheet-crops must be 1 to 50.") }
        guard (1...50).contains(comparisonRows) else { throw ValidationError("--comparison-rows must be 1 to 50.") }
    }

    func run() throws {
        do {
            try evaluate()
        } catch let error as TrainingError {
            StandardError.write("srgan: \(ArgumentBytes.shown(error.message))\n")
            throw ExitCode(error.code == .configuration ? 64 : 65)
        } catch {
            throw ModelCommand.exit(error)
        }
    }

    /// The textures with which a model is measured; nil for the model as it is.
    private func textures(of argument: String) -> [Double?] {
        let isMixed = fidelityModel != nil || ModelLocator.fidelityModel(of: argument) != nil
        return isMixed && !texture.isEmpty ? texture : [nil]
    }

    private func evaluate() throws {
        let named = model + beside
        let models = try (named.isEmpty ? [ModelLocator.defaultModel] : named).flatMap { argument in
            try textures(of: argument).map { texture in
                let (opened, _) = try ModelArgument.open(
                    [argument], texture: texture, fidelityModel: fidelityModel, verbose: messages.verbose)
                let chain = try GeneratorChain(opened.map { try LoadedGenerator(model: $0.model) })
                let name =
                    texture == nil
                    ? opened.map { $0.path.stem ?? argument }.joined(separator: "+")
                    : FilePath(argument).stem ?? argument
                return Evaluator.Model(name: name + (texture.map { "@\($0)" } ?? ""), generator: chain)
            }
        }
        let datasets = try dataset.enumerated().map { index, folder in
            Evaluator.Dataset(
                originals: try ImageFolder(ArgumentBytes.path(of: folder)),
                small: try lr.isEmpty ? nil : ImageFolder(ArgumentBytes.path(of: lr[index])))
        }
        let evaluator = try Evaluator(
            models: models, comparesRGB: rgb,
            features: try vgg.map { try VGG19FeatureExtractor(contentsOf: ArgumentBytes.path(of: $0)) },
            degradation: degrade, seed: seed, threads: threads ?? ProcessInfo.processInfo.activeProcessorCount)
        let isTerminal = StandardError.isTerminal
        let sheetFile = sheet ?? (beside.isEmpty ? nil : "beside.png")
        // The crops are chosen before any model runs.
        let crops = sheetFile.map { _ in
            CropSheet(
                count: sheetCrops, imageCount: datasets.reduce(0) { $0 + $1.originals.files.count }, seed: seed)
        }
        let rows = comparison == nil ? 0 : comparisonRows
        let (report, panels) = try evaluator.run(datasets, panelCount: rows, alsoKept: crops?.images ?? []) {
            if isTerminal { StandardError.write("\r\u{1B}[K\($0)/\($1) images") }
        }
        if isTerminal { StandardError.write("\r\u{1B}[K") }
        StandardOutput.print(EvaluationTable.text(report, withPaper: !rgb && degrade == nil && report.scale == 4))
        StandardOutput.print("\n" + MeasureTable.text(report))
        try write(report)
        if let comparison, let image = ComparisonImage.make(panels.filter { $0.index < rows }) {
            try Self.write(image, to: comparison)
        }
        if let sheetFile, let image = crops?.draw(panels) { try Self.write(image, to: sheetFile) }
    }

    private static func write(_ image: RGBImage, to argument: String) throws {
        let file = try OutputFile(argument: argument, replaces: true, mustSeek: false)
        try image.writePNG(to: file.descriptor)
        try file.publish()
    }

    private func write(_ report: EvaluationReport) throws {
        guard let json else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        // Identical images have an infinite PSNR, which JSON cannot represent as a number.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        let bytes = [UInt8](try encoder.encode(report)) + [UInt8(ascii: "\n")]
        let file = try OutputFile(argument: json, replaces: true, mustSeek: false)
        try TemporaryFile.write(bytes[...], to: file.descriptor)
        try file.publish()
    }
}

extension InputDegradation: ExpressibleByArgument {}
