import ArgumentParser
import LinuxSupport
import NeuralNetwork
import SRGAN

/// `srgan model`: lists, shows and converts model files.
struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "List, show, convert and measure model files.",
        subcommands: [
            ModelListCommand.self, ModelInfoCommand.self, ModelConvertCommand.self, ModelOverlapCommand.self,
        ]
    )

    /// Prints an error, escapes control characters that come from a file, and returns the exit code.
    static func exit(_ error: any Error) -> ExitCode {
        let failure = Failure(error)
        StandardError.write("srgan: \(ArgumentBytes.shown(failure.message))\n")
        return ExitCode(failure.exitCode)
    }
}

/// `srgan model info`: shows a model, and the kernels that compute it on this machine.
struct ModelInfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Show a model's architecture, licence, training and hash."
    )

    @Argument(help: "The model, by name or path, or another project's checkpoint (.pth, .pt), by path.")
    var model: String

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var messages: VerboseOption

    func run() throws {
        do {
            let (file, path) = try ModelArgument.open(model, verbose: messages.verbose)
            let generator = try LoadedGenerator(model: file)
            StandardOutput.print(
                Self.text(file, path: ArgumentBytes.shown(path.description), generator: generator, json: json))
            for note in file.notes { StandardError.write("srgan: note: \(ArgumentBytes.shown(note))\n") }
        } catch {
            throw ModelCommand.exit(error)
        }
    }

    private static func text(_ file: ModelFile, path: String, generator: LoadedGenerator, json: Bool) -> String {
        let metadata = file.metadata
        let parameters = file.tensors.values.reduce(0) { $0 + $1.values.count }
        var entries: [(key: String, label: String, value: JSONValue)] = [
            ("path", "file", .string(path)),
            ("architecture", "architecture", .string(metadata.architecture)),
            ("blocks", "blocks", .integer(generator.network.blocks)),
            ("features", "features", .integer(generator.network.features)),
            ("scale", "scale", .integer(generator.scale)),
            ("parameters", "parameters", .integer(parameters)),
            ("input_range", "input range", .string(metadata.inputRange.rawValue)),
            ("output_range", "output range", .string(metadata.outputRange.rawValue)),
            ("final_activation", "activation", .string(metadata.finalActivation.rawValue)),
            ("receptive_field_radius", "exact overlap", .integer(generator.receptiveFieldRadius)),
            ("overlap", "overlap", .integer(generator.network.overlap)),
            (
                "overlap_difference", "overlap differs",
                metadata.overlapDifference.map(JSONValue.number) ?? .string("not measured")
            ),
            ("license", "licence", .string(metadata.license ?? "not stated")),
            ("training", "training", .string(metadata.training ?? "not stated")),
        ]
        for (key, value) in metadata.other.sorted(by: { $0.key < $1.key }) {
            entries.append((key, key, .string(value)))
        }
        entries.append(("sha256", "sha256", .string(file.sha256)))
        let reason = generator.generalPathReason
        if json {
            let kernels = [("kernels", .string(generator.kernels)), ("general_path_reason", JSONValue(reason))]
            return JSONValue.object([("version", 1)] + entries.map { ($0.key, $0.value) } + kernels).text
        }
        let kernels = generator.kernels + (reason.map { ", the general path: \($0)" } ?? "")
        entries.append(("kernels", "kernels", .string(kernels)))
        let width = entries.map(\.label.count).max() ?? 0
        return entries.map { entry in
            entry.label + String(repeating: " ", count: width - entry.label.count + 2) + plain(entry.value)
        }.joined(separator: "\n")
    }

    private static func plain(_ value: JSONValue) -> String {
        if case .string(let text) = value { return ArgumentBytes.shown(text) }
        return value.text
    }
}
