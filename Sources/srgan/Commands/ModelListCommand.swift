import ArgumentParser
import Foundation
import LinuxSupport
import ModelLocation
import SRGAN
import ServiceConfiguration
import SystemPackage

/// `srgan model list`: lists the models that `--model` finds by name.
struct ModelListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the models that --model finds by name."
    )

    @Flag(help: "Measure the speed of each model on this machine; takes some seconds.")
    var speed = false

    @Option(
        help: ArgumentHelp(
            "The daemon's configuration, whose inboxes are shown beside their models. "
                + "(default: $SRGAN_CONFIG, ./config.toml or /etc/srgan/config.toml, if there is one)",
            valueName: "file"))
    var config: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    @Flag(name: .shortAndLong, help: "Also list the folders that are searched.")
    var verbose = false

    func run() throws {
        let inboxes: InboxesByModel
        do {
            inboxes = try InboxesByModel(named: config)
        } catch {
            throw ModelCommand.exit(error)
        }
        let locator = ModelLocator(configurationFolder: inboxes.folder)
        let models = locator.models().map { model in
            ListedModel(
                name: model.name, path: model.path, inboxes: inboxes.paths(of: model.path, locator: locator),
                measuresSpeed: speed)
        }
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
        StandardOutput.print(models.isEmpty ? "No models." : ListedModel.table(models, withSpeed: speed))
        if verbose { StandardOutput.print("\nSearched folders:\n" + folders.joined(separator: "\n")) }
    }
}
