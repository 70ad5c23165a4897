import Foundation
import SystemPackage

/// Asks the worker program whether it could use a model, before any job is queued for it: the service itself knows no
/// tensors.
struct ModelJudge {
    /// How long the program may take, seconds; a check, not a job.
    private static let patience = 30.0
    /// What the program exits with when the model is at fault.
    private static let unusable: Int32 = 78

    let program: FilePath

    /// Throws a `DaemonError` with the program's own sentence when the model is missing, damaged or of another architecture.
    ///
    /// A program that fails in any other way says nothing about the model; its jobs will tell.
    func check(_ model: FilePath) throws {
        // Foundation passes arguments as text. A path that is none is left to the jobs.
        guard FilePath(model.string) == model, FilePath(program.string) == program else { return }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program.string)
        process.arguments = ["model", "info", "--", model.string]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let words = Pipe()
        process.standardError = words
        do {
            try process.run()
        } catch {
            throw DaemonError(.worker, "The program \(program.escaped) cannot be started: \(error).")
        }
        let pid = process.processIdentifier
        let ended = Monitor(false)
        _ = ServiceThread(name: "model-judge") {
            if ended.wait(until: Monotonic.now + Self.patience, for: { $0 ? true : nil }) == nil { kill(pid, SIGKILL) }
        }
        let text = String(decoding: (try? words.fileHandleForReading.readToEnd()) ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        ended.change { $0 = true }
        guard process.terminationReason == .exit, process.terminationStatus == Self.unusable else { return }
        let sentence = text.split(separator: "\n").last.map { $0.trimmingPrefix("srgan: ") } ?? "The model is unusable."
        throw DaemonError(.configuration, String(sentence))
    }
}
