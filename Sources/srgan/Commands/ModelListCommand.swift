import ArgumentParser
import Foundation
import LinuxSupport
import ModelLocation
import SRGAN
import SystemPackage

/// `srgan model list`: lists the models that `--model` finds by name.
struct ModelListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the models that --model finds by name."
    )

    @Flag(help: "Print one JSON object.")
    var json = false

    @Flag(name: .shortAndLong, help: "Also list the folders that are searched.")
    var verbose = false

    func run() throws {
        let locator = ModelLocator()
        let models = locator.models().map { ListedModel(name: $0.name, path: $0.path) }
        for model in models {
            if let problem = model.problem { StandardError.write(line: "srgan: note: \(ArgumentBytes.shown(problem))") }
        }
        let folders = locator.folders.map { ArgumentBytes.shown($0.string) }
        if json {
            StandardOutput.print(
                JSONValue.object([
                    ("version", 1), ("models", .lines(models.map(\.json))),
                    ("folders", .array(folders.map { .string($0) })),
                ]).text)
            return
        }
        StandardOutput.print(models.isEmpty ? "No models." : ListedModel.table(models))
        if verbose { StandardOutput.print("\nSearched folders:\n" + folders.joined(separator: "\n")) }
    }
}

/// A model as `srgan model list` shows it.
private struct ListedModel {
    let name: String
    let path: String
    let bytes: Int64
    /// The upscaling factor; nil for an unusable model.
    let scale: Int?
    /// Why the model is unusable.
    let problem: String?

    init(name: String, path: FilePath) {
        self.name = ArgumentBytes.shown(name)
        self.path = ArgumentBytes.shown(path.string)
        // `stat` follows a symbolic link, so the size is that of the model and not of the link.
        var status = stat()
        bytes = path.withPlatformString { stat($0, &status) } == 0 ? Int64(status.st_size) : 0
        do {
            scale = try ModelNetwork(ModelFile.opening(path)).scale
            problem = nil
        } catch {
            scale = nil
            problem = Failure(error).message
        }
    }

    /// docs/cli.md describes every field.
    var json: JSONValue {
        .object([
            ("name", .string(name)), ("scale", JSONValue(scale)), ("bytes", JSONValue(bytes)), ("path", .string(path)),
        ])
    }

    private var cells: [String] {
        [name, scale.map { "x\($0)" } ?? "-", String(format: "%.1f MB", Double(bytes) / 1e6), path]
    }

    /// A table with one line for each model, below a line of titles.
    static func table(_ models: [ListedModel]) -> String {
        let rows = [["NAME", "SCALE", "SIZE", "FILE"]] + models.map(\.cells)
        let widths = (0..<3).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count + 2) }.joined() + row[3]
        }.joined(separator: "\n")
    }
}
