import ArgumentParser
import LinuxSupport

/// Better messages for words that a command line does not know.
enum Suggestion {
    /// The message to show instead of the parser's message; nil to keep the parser's message.
    ///
    /// - root: the command that the program runs.
    /// - arguments: the program's arguments.
    /// - message: the parser's message about the arguments.
    static func message(_ root: any ParsableCommand.Type, arguments: [String], replacing message: String) -> String? {
        let (command, unknown) = walk(root, arguments)
        if let unknown {
            let names = command.configuration.subcommands.compactMap { $0.configuration.commandName }
            return sentence(
                "Unknown command '\(PlainText.clean(unknown))'.", NearestWord.find(unknown, among: names),
                "Commands: \(names.joined(separator: ", ")).")
        }
        guard let match = message.firstMatch(of: /^Unknown option '([^']+)'/) else { return nil }
        let option = String(match.1)
        if let hint = (command as? any HintingCommand.Type)?.hints[option] {
            return "Unknown option '\(option)'. \(hint)"
        }
        guard !message.contains("Did you mean") else { return nil }
        let options = CommandHelp(command).longOptions
        // An unknown short option is probably meant as the first letter of a long option.
        let nearest =
            option.hasPrefix("--")
            ? NearestWord.find(option, among: options)
            : options.first { $0.hasPrefix("-" + option) }
        return nearest.map { sentence("Unknown option '\(option)'.", $0) }
    }

    /// The command that the arguments name.
    static func command(
        _ root: any ParsableCommand.Type, arguments: [String]
    ) -> any ParsableCommand.Type {
        walk(root, arguments).command
    }

    private static func sentence(_ problem: String, _ nearest: String?, _ rest: String? = nil) -> String {
        ([problem, nearest.map { "Did you mean '\($0)'?" }, rest] as [String?]).compactMap(\.self).joined(
            separator: " ")
    }

    /// Follows the arguments to the command that they name; also returns the first word that is not the name of a
    /// command.
    private static func walk(
        _ root: any ParsableCommand.Type, _ arguments: [String]
    ) -> (command: any ParsableCommand.Type, unknown: String?) {
        var command = root
        var rest = arguments[...]
        while let word = rest.popFirst(), word != "--" {
            let children = command.configuration.subcommands
            guard !children.isEmpty else { break }
            if word.hasPrefix("-") {
                let help = CommandHelp(command)
                // The word after an unknown option may be its value.
                guard help.knows(word) else { return (command, nil) }
                if help.takesValue(word) { _ = rest.popFirst() }
            } else if let child = children.first(where: { names(of: $0).contains(word) }) {
                command = child
            } else {
                return (command, word == "help" ? nil : word)
            }
        }
        return (command, nil)
    }

    private static func names(of command: any ParsableCommand.Type) -> [String] {
        [command.configuration.commandName].compactMap(\.self) + command.configuration.aliases
    }
}
