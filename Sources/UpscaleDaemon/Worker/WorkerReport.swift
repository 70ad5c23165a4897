import Glibc
import LinuxSupport
import ServiceConfiguration
import WorkerProtocol

/// Everything that a worker reported, and how it ended.
struct WorkerReport {
    /// Why the daemon killed the worker.
    enum Interruption: Equatable, Sendable {
        /// A person cancelled the job.
        case cancelled
        /// The service stops.
        case stopping
        /// The worker took longer than allowed.
        case timedOut
        /// The image has a format that limits.formats does not name.
        case formatNotAllowed(String)
    }

    /// How the process ended.
    typealias Ending = ChildProcess.Ending

    /// What happens to the job.
    enum Verdict: Equatable {
        case succeeded(WorkerResult)
        case failed(FailureReason, String)
        /// The job goes back into the queue and the attempt does not count, because the job did not cause the failure.
        case release(String)
        /// The output is dropped. The job's row is already in state `cancelled`.
        case cancelled
    }

    private static let longestText = 400
    private static let longestName = 40

    var ending: Ending = .exited(0)
    var interruption: Interruption?
    private(set) var result: WorkerResult?
    private(set) var error: WorkerFailure?
    /// The name of the worker's kernels, escaped and shortened; nil if the worker named none.
    private(set) var kernels: String?
    /// The last characters (at most `longestText`) of the worker's standard error, without its events.
    private(set) var text: String = ""

    mutating func add(_ line: WorkerLine) {
        switch line {
        case .event(.start(let start)):
            let name = EscapedBytes.text(Array(start.kernels.utf8)).prefix(Self.longestName)
            kernels = name.isEmpty ? nil : String(name)
        case .event(.result(let result)): self.result = result
        case .event(.error(var failure)):
            failure.reasonText = EscapedBytes.text(Array(failure.reasonText.utf8))
            failure.message = EscapedBytes.text(Array(failure.message.utf8))
            error = failure
        case .text(let line) where !line.isEmpty:
            text = String((text.isEmpty ? line : text + " | " + line).suffix(Self.longestText))
        default: break
        }
    }

    /// Decides what happens to the job.
    ///
    /// - outputSize: bytes in the temporary output.
    /// - limits: the worker's limits; messages name the one that was reached.
    func verdict(outputSize: Int64, limits: WorkerLimits) -> Verdict {
        switch interruption {
        case .cancelled: return .cancelled
        case .stopping: return .release("the service stops")
        case .timedOut:
            return .failed(
                .workerTimedOut,
                "The worker did not finish within \(Int(limits.wallSeconds)) seconds (workers.timeout_seconds).")
        case .formatNotAllowed(let format):
            return .failed(.unsupportedFormat, "The file is \(format), which limits.formats does not allow.")
        case nil: break
        }
        if ending == .exited(0) {
            if let result, outputSize > 0 { return .succeeded(result) }
            return .failed(.workerCrashed, "The worker ended without a result." + lastOutput)
        }
        if let error, error.reason == .outOfMemory {
            return .failed(.outOfMemory, "\(error.message) (\(limits.memoryText).)")
        }
        if let error {
            guard let reason = error.reason else {
                return .failed(.workerCrashed, "The worker reported \"\(error.reasonText)\": \(error.message)")
            }
            let message = error.message.isEmpty ? "The worker reported \(error.reasonText)." : error.message
            return .failed(reason, message)
        }
        if Self.isOutOfMemory(text) {
            return .failed(
                .outOfMemory, "The worker needed more memory than it may use: \(limits.memoryText)." + lastOutput)
        }
        switch ending {
        case .exited(64):
            return .failed(.configuration, "The worker does not understand the options it was given." + lastOutput)
        case .exited(78): return .failed(.modelUnusable, "The worker cannot use the model." + lastOutput)
        case .exited(65): return .failed(.corrupt, "The worker could not read the file." + lastOutput)
        case .exited(let status):
            return .failed(.workerCrashed, "The worker ended with exit code \(status) and gave no reason." + lastOutput)
        case .signalled(SIGXCPU):
            return .failed(
                .workerTimedOut, "The worker used up its CPU time: \(limits.cpuText)." + lastOutput)
        case .signalled(SIGXFSZ):
            return .failed(.outputTooLarge, "The worker's output became too large: \(limits.fileText)." + lastOutput)
        case .signalled(let signal):
            let hint = signal == SIGKILL ? ", perhaps because the machine ran out of memory" : ""
            return .failed(.workerCrashed, "The worker was killed by signal \(signal)\(hint)." + lastOutput)
        }
    }

    /// True if a worker's last output contains a message that GLib, Swift or C++ writes when memory cannot be
    /// allocated.
    private static func isOutOfMemory(_ text: String) -> Bool {
        ["failed to allocate", "Could not allocate memory", "bad_alloc", "emory exhausted"].contains {
            text.contains($0)
        }
    }

    private var lastOutput: String { text.isEmpty ? "" : " Its last output: \(text)" }
}
