import Foundation
import LinuxSupport
import Synchronization
import SystemPackage

/// Asks the worker program whether it can use a model, before any job is queued for the model. The service itself
/// cannot read models.
package struct ModelJudge {
    /// The time limit of the check, seconds.
    private static let timeLimit = 60.0
    /// The process group of the check that runs now; 0 if there is none. A signal handler that ends the service reads
    /// it, to end the check as well.
    package static let running = Atomic<pid_t>(0)
    /// The worker's exit code for an unusable model.
    private static let unusable: Int32 = 78

    /// The worker program.
    package let program: FilePath

    /// Throws a `DaemonError` with the program's own message if a model is missing, damaged or of another architecture,
    /// or if the models cannot run one after another or be mixed.
    ///
    /// Throws a `DaemonError` with code `passing` if the program does not end in time: it would do the same in each job.
    /// Any other failure of the program says nothing about the model and is ignored. If the model is unusable, its jobs
    /// will report that.
    package func check(_ models: [FilePath], texture: Double?) throws {
        // Arguments are passed as text, so a path that is not valid UTF-8 cannot be passed. The check is skipped then;
        // if the model is unusable, its jobs will report that.
        guard models.allSatisfy({ FilePath($0.string) == $0 }), FilePath(program.string) == program else { return }
        // A path in a chain contains no comma: the configuration does not allow it.
        let names = models.map(\.string)
        let arguments =
            texture.map { ["--texture", "\($0)", "--fidelity-model", names[0], "--", names[1]] }
            ?? ["--", names.joined(separator: ",")]
        let (ending, words) = try run(["model", "info"] + arguments)
        guard ending == .exited(Self.unusable) else { return }
        let text = String(decoding: words, as: UTF8.self)
        let sentence = text.split(separator: "\n").last.map { $0.trimmingPrefix("srgan: ") } ?? "The model is unusable."
        throw DaemonError(.configuration, String(sentence))
    }

    /// Runs the program until it ends, or kills it at the time limit. Returns what the program wrote to standard error.
    private func run(_ arguments: [String]) throws -> (ChildProcess.Ending, words: [UInt8]) {
        let process: ChildProcess
        let pipe: FileDescriptor
        do {
            (process, pipe) = try ChildProcess.readingErrors(
                of: program, arguments: arguments, environment: ProcessInfo.processInfo.environment)
        } catch {
            throw DaemonError(
                SystemShortage.errors.contains(error.rawValue) || error == .ioError ? .passing : .configuration,
                "The program \(program.escaped) cannot be started: \(error).")
        }
        defer { try? pipe.close() }
        Self.running.store(process.pid, ordering: .sequentiallyConsistent)
        let deadline = Monotonic.now + Self.timeLimit
        var words: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 8192)
        while true {
            let left = deadline - Monotonic.now
            var entry = pollfd(fd: pipe.rawValue, events: Int16(POLLIN), revents: 0)
            guard left > 0 else { break }
            guard poll(&entry, 1, Int32(left * 1000) + 1) > 0 else { continue }
            guard let count = try? buffer.withUnsafeMutableBytes({ try pipe.read(into: $0) }), count > 0 else { break }
            words += buffer[..<count]
        }
        // The program may run on after it closed its standard error.
        while !process.hasEnded, Monotonic.now < deadline { usleep(1000) }
        let isLate = !process.hasEnded
        process.killGroup()
        Self.running.store(0, ordering: .sequentiallyConsistent)
        let ending = process.wait()
        guard !isLate else {
            throw DaemonError(
                .passing,
                "The program \(program.escaped) did not check a model within \(Int(Self.timeLimit)) seconds.")
        }
        return (ending, words)
    }
}
