import Glibc
import LinuxSupport
import ModelLocation
import SystemPackage

/// Finds the program that workers run.
package enum WorkerProgram {
    /// The configured program, or `srgan` in the folder of the running program.
    ///
    /// - Throws: `DaemonError` if there is no such program or it cannot be run.
    package static func find(_ configuration: Configuration) throws -> FilePath {
        let beside = ModelLocator.runningProgram()?.removingLastComponent().appending("srgan")
        guard let program = configuration.workers.program ?? beside else {
            throw DaemonError(.configuration, "The program srgan was not found; set workers.program.")
        }
        guard program.withPlatformString({ access($0, X_OK) }) == 0 else {
            let error = FileError.system("run", program)
            throw DaemonError(
                error.isPassing ? .passing : .configuration,
                "\(configuration.file.escaped): workers.program: \(error.message)")
        }
        return program
    }
}
