import ArgumentParser
import Foundation
import LinuxSupport
import SRGAN

/// `srgan model convert`: another project's checkpoint becomes a model file of ours.
struct ModelConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Make a model file of a PyTorch checkpoint, without running it.",
        discussion: """
            INPUT is a .pth or .pt file of torch.save, or a safetensors file. Its pickle is read as data: classes and \
            functions that it names are never called, and one that is not known to be harmless ends the conversion.

            Known are the generators of the write-up, PyTorch-GAN, Lornatang, leftthomas, sgrvinod, aladdinpersson and \
            krasserm. Value ranges, activation and epsilon are those of the project's code; copies that changed them \
            need the options below.
            """
    )

    @Argument(help: "The checkpoint.")
    var input: String

    @Argument(help: "The model file to be written, OUTPUT.safetensors.")
    var output: String

    @Option(
        help: ArgumentHelp(
            "What the network takes for black to white: signed (-1 to 1), unit (0 to 1) or imagenet.",
            valueName: "range"))
    var inputRange: ModelMetadata.ValueRange?

    @Option(help: ArgumentHelp("What it gives for black to white.", valueName: "range"))
    var outputRange: ModelMetadata.ValueRange?

    @Option(help: ArgumentHelp("What follows its last convolution: none, tanh or sigmoid.", valueName: "function"))
    var finalActivation: ForeignModel.Activation?

    @Option(help: ArgumentHelp("The epsilon of its batch normalisations.", valueName: "number"))
    var bnEps: Float?

    @Option(help: ArgumentHelp("The licence of the weights, as an SPDX identifier.", valueName: "name"))
    var license: String?

    @Option(help: ArgumentHelp("How it was trained, in a sentence.", valueName: "text"))
    var training: String?

    @Flag(help: "Replace an existing OUTPUT.")
    var force = false

    func validate() throws {
        guard bnEps.map({ $0 >= 0 && $0.isFinite }) ?? true else {
            throw ValidationError("--bn-eps must not be negative.")
        }
        guard output.hasSuffix(".safetensors") else { throw ValidationError("OUTPUT must end in .safetensors.") }
    }

    func run() throws {
        do {
            var overrides = ForeignModel.Overrides()
            overrides.inputRange = inputRange
            overrides.outputRange = outputRange
            overrides.finalActivation = finalActivation
            overrides.batchNormEpsilon = bnEps
            overrides.license = license
            overrides.training = training
            let foreign = try ForeignModel(contentsOf: ArgumentBytes.path(of: input), overrides: overrides)
            let doubt = Self.doubt(about: foreign.model)
            let file = try OutputFile(argument: output, replaces: force, mustSeek: false)
            try TemporaryFile.write(foreign.model.encoded()[...], to: file.descriptor)
            try file.publish()
            for note in foreign.notes + doubt { StandardError.write("srgan: note: \(ArgumentBytes.shown(note))\n") }
            print(Self.summary(foreign, output: ArgumentBytes.shown(output)))
        } catch {
            throw ModelCommand.exit(error)
        }
    }

    /// The engine compares itself with the plain network: where they disagree the model is right, but wants the slow path.
    private static func doubt(about model: ModelFile) -> [String] {
        do {
            _ = try InferenceGenerator(model: model)
            return []
        } catch {
            return [error.message]
        }
    }

    private static func summary(_ foreign: ForeignModel, output: String) -> String {
        let metadata = foreign.model.metadata
        let parameters = foreign.model.tensors.values.reduce(0) { $0 + $1.count }
        return """
            \(output): \(foreign.family.rawValue), \(metadata.blocks ?? 0) blocks, x\(metadata.scale ?? 0), \
            \(parameters) parameters, in \(metadata.inputRange.rawValue), out \(metadata.outputRange.rawValue), \
            activation \(metadata.finalActivation.rawValue), sha256 \(foreign.model.sha256)
            """
    }
}

extension ModelMetadata.ValueRange: ExpressibleByArgument {
    /// The words stand beside the metadata's own texts because "-1,1" looks like an option to the parser.
    public init?(argument: String) {
        switch argument {
        case "signed": self = .signed
        case "unit": self = .unit
        default: self.init(rawValue: argument)
        }
    }

    /// What the help lists.
    public static var allValueStrings: [String] { ["signed", "unit", "imagenet"] }
}

extension ForeignModel.Activation: ExpressibleByArgument {}
