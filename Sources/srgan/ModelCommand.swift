import ArgumentParser
import NeuralNetwork
import SRGAN

/// `srgan model`: what model files are.
struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Look at model files.",
        subcommands: [ModelInfoCommand.self]
    )
}

/// `srgan model info`: what a model is, and what will compute it on this machine.
struct ModelInfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Show a model's architecture, licence, training and hash."
    )

    @Argument(help: "The model, by name or path.")
    var model: String

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        do {
            let path = try ModelArgument.locate(model)
            let file = try ModelFile(contentsOf: path)
            let generator = try InferenceGenerator(model: file)
            print(
                try Self.text(
                    file, path: ArgumentBytes.shown(path.description), blocks: Generator(model: file).blocks.count,
                    generator: generator,
                    json: json))
        } catch {
            let failure = Failure(error)
            StandardError.write("srgan: \(failure.message)\n")
            throw ExitCode(failure.exitCode)
        }
    }

    private static func text(_ file: ModelFile, path: String, blocks: Int, generator: InferenceGenerator, json: Bool)
        -> String
    {
        let metadata = file.metadata
        let parameters = file.tensors.values.reduce(0) { $0 + $1.values.count }
        var entries: [(key: String, label: String, value: JSONValue)] = [
            ("path", "file", .text(path)),
            ("architecture", "architecture", .text(metadata.architecture)),
            ("blocks", "blocks", .integer(blocks)),
            ("scale", "scale", .integer(generator.scale)),
            ("parameters", "parameters", .integer(parameters)),
            ("input_range", "input range", .text(metadata.inputRange.rawValue)),
            ("output_range", "output range", .text(metadata.outputRange.rawValue)),
            ("receptive_field_radius", "exact overlap", .integer(generator.receptiveFieldRadius)),
            ("license", "licence", .text(metadata.license ?? "not stated")),
            ("training", "training", .text(metadata.training ?? "not stated")),
        ]
        for (key, value) in metadata.other.sorted(by: { $0.key < $1.key }) { entries.append((key, key, .text(value))) }
        entries.append(("sha256", "sha256", .text(file.sha256)))
        entries.append(("kernels", "kernels", .text(generator.kernels)))
        if json {
            return "{\"version\":1,"
                + entries.map { "\(JSONValue.text($0.key).encoded):\($0.value.encoded)" }.joined(separator: ",")
                + "}"
        }
        let width = entries.map(\.label.count).max() ?? 0
        return entries.map { entry in
            entry.label + String(repeating: " ", count: width - entry.label.count + 2) + plain(entry.value)
        }.joined(separator: "\n")
    }

    private static func plain(_ value: JSONValue) -> String {
        if case .text(let text) = value { return text }
        return value.encoded
    }
}
