import ArgumentParser

/// A command that with `--json` reports an error as an event of its own, and not as `JSONErrors.line`.
public protocol EventReportingCommand: ParsableCommand {
    /// The line for a usage error, without the newline.
    static func event(usageError message: String) -> String
}
