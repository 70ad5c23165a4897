import ArgumentParser
import LinuxSupport
import ModelLocation
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

    @Argument(
        help: """
            The model, by name or path, or another project's checkpoint (.pth, .pt), by path; several, separated by \
            commas, are shown as a chain.
            """)
    var model: String

    @OptionGroup var mixture: TextureOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var messages: VerboseOption

    func run() throws {
        do {
            let (opened, sha256) = try ModelArgument.open(
                [model], texture: mixture.texture, fidelityModel: mixture.fidelityModel, verbose: messages.verbose)
            let generators = try opened.map { try LoadedGenerator(model: $0.model) }
            let paths = opened.map { ArgumentBytes.shown($0.path.description) }
            let files = opened.map(\.model)
            StandardOutput.print(
                files.count == 1
                    ? Self.text(files[0], path: paths[0], generator: generators[0], json: json)
                    : Self.text(try GeneratorChain(generators), sha256: sha256, paths: paths, json: json))
            for note in files.flatMap(\.notes) { StandardError.write("srgan: note: \(ArgumentBytes.shown(note))\n") }
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
        return table(entries.map { ($0.label, $0.value) })
    }

    private static func text(_ chain: GeneratorChain, sha256: String, paths: [String], json: Bool) -> String {
        let entries: [(key: String, label: String, value: JSONValue)] = [
            ("scale", "scale", .integer(chain.scale)),
            ("receptive_field_radius", "exact overlap", .integer(chain.receptiveFieldRadius)),
            ("overlap", "overlap", .integer(chain.overlap)),
            ("sha256", "sha256", .string(sha256)),
            ("kernels", "kernels", .string(chain.kernels)),
        ]
        if json {
            let models = ("chain", JSONValue.array(paths.map { .string($0) }))
            return JSONValue.object([("version", 1), models] + entries.map { ($0.key, $0.value) }).text
        }
        return table(paths.map { ("file", .string($0)) } + entries.map { ($0.label, $0.value) })
    }

    private static func table(_ entries: [(label: String, value: JSONValue)]) -> String {
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
