import ArgumentParser
import Foundation
import LinuxSupport

extension ParsableCommand {
    /// Parses the arguments, runs the command and ends the process.
    ///
    /// Unlike `main()`, it writes help and version through `StandardOutput`, so that lost output is an error.
    ///
    /// - arguments: without the program's name; nil for those of the process.
    public static func runProgram(_ arguments: [String]? = nil) -> Never {
        StandardDescriptors.open()
        do {
            var command = try parseAsRoot(arguments)
            try command.run()
        } catch {
            finish(error)
        }
        Foundation.exit(0)
    }

    private static func finish(_ error: any Error) -> Never {
        let code = exitCode(for: error)
        let text = fullMessage(for: error)
        if !text.isEmpty {
            if code.isSuccess { StandardOutput.print(text) } else { StandardError.write(line: text) }
        }
        Foundation.exit(code.rawValue)
    }
}
