import ArgumentParser
import Foundation
import LinuxSupport

extension ParsableCommand {
    /// Parses the arguments, runs the command and ends the process.
    ///
    /// Unlike `main()`, it writes help and version through `StandardOutput`, so that lost output is an error, and it
    /// suggests known words for unknown commands and options. With `--json`, usage errors are JSON too.
    ///
    /// - arguments: without the program's name; nil for those of the process.
    public static func runProgram(_ arguments: [String]? = nil) -> Never {
        StandardDescriptors.open()
        let arguments = arguments ?? Array(CommandLine.arguments.dropFirst())
        do {
            var command = try parseAsRoot(arguments)
            try command.run()
        } catch {
            finish(error, arguments)
        }
        Foundation.exit(0)
    }

    private static func finish(_ error: any Error, _ arguments: [String]) -> Never {
        let code = exitCode(for: error)
        var text = fullMessage(for: error)
        if code == .validationFailure {
            let problem = message(for: error)
            let better = Suggestion.message(self, arguments: arguments, replacing: problem) ?? problem
            text =
                JSONErrors.line(self, arguments: arguments, usageError: better)
                ?? text.replacing(problem, with: better, maxReplacements: 1)
        }
        if !text.isEmpty {
            if code.isSuccess { StandardOutput.print(text) } else { StandardError.write(line: text) }
        }
        Foundation.exit(code.rawValue)
    }
}
