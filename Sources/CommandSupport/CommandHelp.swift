import ArgumentParser
import Foundation

/// The options of a command, as the parser describes them in JSON.
struct CommandHelp {
    private struct Dump: Decodable {
        let command: Command
    }

    private struct Command: Decodable {
        let arguments: [Argument]?
    }

    private struct Argument: Decodable {
        let kind: String
        let names: [Name]?
    }

    private struct Name: Decodable {
        let kind: String
        let name: String

        var spelling: String { (kind == "long" ? "--" : "-") + name }
    }

    private let arguments: [Argument]

    init(_ type: any ParsableCommand.Type) {
        let dump = try? JSONDecoder().decode(Dump.self, from: Data(type._dumpHelp().utf8))
        arguments = dump?.command.arguments ?? []
    }

    /// The long names of all options and flags, with their dashes.
    var longOptions: [String] {
        arguments.flatMap { $0.names ?? [] }.filter { $0.kind == "long" }.map { $0.spelling }
    }

    /// True if the command has this option, which may end in `=` and a value.
    func knows(_ option: String) -> Bool {
        let name = option.prefix { $0 != "=" }
        return arguments.contains { ($0.names ?? []).contains { $0.spelling == name } }
    }

    /// True if the word after this option is its value.
    func takesValue(_ option: String) -> Bool {
        arguments.contains { argument in
            argument.kind == "option" && (argument.names ?? []).contains { $0.spelling == option }
        }
    }
}
