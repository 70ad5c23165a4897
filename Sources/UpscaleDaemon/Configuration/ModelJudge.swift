import Foundation
import SystemPackage

/// Asks the worker program whether it can use a model, before any job is queued for it. The service itself cannot read
/// tensors.
struct ModelJudge {
    /// The time limit of the check, seconds.
    private static let timeLimit = 30.0
    /// The worker's exit code for an unusable model.
    private static let unusable: Int32 = 78

    let program: FilePath

    /// Throws a `DaemonError` with the program's own message if the model is missing, damaged or of another
    /// architecture.
    ///
    /// Any other failure of the program says nothing about the model; its jobs will report it.
    func check(_ model: FilePath) throws {
        // Foundation passes arguments as text. A path that is not valid text is not checked here but by its jobs.
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
            if ended.wait(until: Monotonic.now + Self.timeLimit, for: { $0 ? true : nil }) == nil { kill(pid, SIGKILL) }
        }
        let text = String(decoding: (try? words.fileHandleForReading.readToEnd()) ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        ended.change { $0 = true }
        guard process.terminationReason == .exit, process.terminationStatus == Self.unusable else { return }
        let sentence = text.split(separator: "\n").last.map { $0.trimmingPrefix("srgan: ") } ?? "The model is unusable."
        throw DaemonError(.configuration, String(sentence))
    }
}
