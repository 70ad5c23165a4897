import ArgumentParser
import CommandSupport
import Foundation
import LinuxSupport
import SRGAN

/// `srgan model convert`: converts another project's checkpoint to a model file.
struct ModelConvertCommand: HintingCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Convert a PyTorch checkpoint to a model file, without executing it.",
        discussion: """
            INPUT is a .pth or .pt file of torch.save, or a safetensors file. Its pickle data is only read: the classes and \
            functions that it names are never called. A name that is not known to be harmless ends the conversion.

            Supported are RRDBNet (ESRGAN, Real-ESRGAN), SRVGGNetCompact, SPAN, MSRResNet, EDSR, Swift-SRGAN, and the \
            generators of the reference implementation, PyTorch-GAN, Lornatang, leftthomas, sgrvinod, aladdinpersson and \
            krasserm. Value ranges, activation and epsilon are taken from the project's code; for a generator of SRGAN, use \
            the options below for a copy that changed them.
            """
    )

    static let hints = Hints.files

    @Argument(help: "The checkpoint.")
    var input: String

    @Argument(help: "The model file to write, OUTPUT.safetensors.")
    var output: String

    @Option(
        help: ArgumentHelp(
            "Value range of the network's input: signed (-1 to 1), unit (0 to 1) or imagenet.",
            valueName: "range"))
    var inputRange: ModelMetadata.ValueRange?

    @Option(help: ArgumentHelp("Value range of the network's output.", valueName: "range"))
    var outputRange: ModelMetadata.ValueRange?

    @Option(
        help: ArgumentHelp(
            "Activation after the network's last convolution: none, tanh or sigmoid.", valueName: "function"))
    var finalActivation: ForeignModel.Activation?

    @Option(help: ArgumentHelp("Epsilon of the network's batch normalisation layers.", valueName: "number"))
    var bnEps: Float?

    @Option(help: ArgumentHelp("The scale, for an RRDBNet that triples the size.", valueName: "n"))
    var scale: Int?

    @Option(help: ArgumentHelp("The licence of the weights, as an SPDX identifier.", valueName: "name"))
    var license: String?

    @Option(help: ArgumentHelp("How the model was trained, in a sentence.", valueName: "text"))
    var training: String?

    @Flag(name: .shortAndLong, help: "Replace an existing OUTPUT.")
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
            overrides.scale = scale
            overrides.license = license
            overrides.training = training
            let foreign = try ForeignModel(contentsOf: ArgumentBytes.path(of: input), overrides: overrides)
            let selfCheckNotes = Self.selfCheckNotes(foreign.model)
            let file = try OutputFile(argument: output, replaces: force, mustSeek: false)
            try TemporaryFile.write(foreign.model.encoded()[...], to: file.descriptor)
            try file.publish()
            for note in foreign.notes + selfCheckNotes {
                StandardError.write("srgan: note: \(ArgumentBytes.shown(note))\n")
            }
            StandardOutput.print(Self.summary(foreign, output: ArgumentBytes.shown(output)))
        } catch {
            throw ModelCommand.exit(error)
        }
    }

    /// Runs the engine's self-check, which compares the fast kernels with the reference, and returns its error, if any.
    /// A model that fails this check is still valid, but needs the slow general path.
    private static func selfCheckNotes(_ model: ModelFile) -> [String] {
        do {
            _ = try LoadedGenerator(model: model)
            return []
        } catch {
            return [error.message]
        }
    }

    private static func summary(_ foreign: ForeignModel, output: String) -> String {
        let metadata = foreign.model.metadata
        let parameters = foreign.model.tensors.values.reduce(0) { $0 + $1.count }
        return """
            \(output): \(foreign.family), \(metadata.blocks ?? 0) blocks, x\(metadata.scale ?? 0), \
            \(parameters) parameters, in \(metadata.inputRange.rawValue), out \(metadata.outputRange.rawValue), \
            activation \(metadata.finalActivation.rawValue), sha256 \(foreign.model.sha256)
            """
    }
}

extension ModelMetadata.ValueRange: ExpressibleByArgument {
    /// Accepts "signed" and "unit" in addition to the texts in the metadata, because the argument parser would take
    /// "-1,1" for an option.
    public init?(argument: String) {
        switch argument {
        case "signed": self = .signed
        case "unit": self = .unit
        default: self.init(rawValue: argument)
        }
    }

    /// The values that the help lists.
    public static var allValueStrings: [String] { ["signed", "unit", "imagenet"] }
}

extension ForeignModel.Activation: ExpressibleByArgument {}
