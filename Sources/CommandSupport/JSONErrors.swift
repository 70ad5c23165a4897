import ArgumentParser
import LinuxSupport

/// Errors as lines of JSON on standard error, for programs that are called with `--json`.
public enum JSONErrors {
    /// True if these arguments of a program contain the flag `--json`.
    public static func areRequested(by arguments: [String]) -> Bool {
        arguments.prefix { $0 != "--" }.contains("--json")
    }

    /// `{"version":1,"error":"There is no job 7."}`
    public static func line(_ message: String) -> String {
        JSONValue.object([("version", 1), ("error", .string(message))]).text
    }

    /// The line for a usage error; nil if it is reported as text.
    ///
    /// - root: the command that the program runs.
    static func line(
        _ root: any ParsableCommand.Type, arguments: [String], usageError message: String
    ) -> String? {
        let command = Suggestion.command(root, arguments: arguments)
        // An option `--json FILE` writes a file and does not change how errors are reported.
        guard areRequested(by: arguments), !CommandHelp(command).takesValue("--json") else { return nil }
        return (command as? any EventReportingCommand.Type)?.event(usageError: message) ?? line(message)
    }
}
