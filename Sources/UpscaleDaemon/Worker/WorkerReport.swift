import FaultInjection
import Glibc
import LinuxSupport
import WorkerProtocol

/// All that a worker said and how it ended.
struct WorkerReport {
    /// Why the daemon itself ended the worker.
    enum Interruption: Equatable, Sendable {
        /// A person took the job back.
        case cancelled
        /// The service stops.
        case stopping
        /// It took longer than allowed.
        case timedOut
        /// The image has a format that limits.formats does not name.
        case formatNotAllowed(String)
    }

    /// How the process ended.
    typealias Ending = ChildProcess.Ending

    /// What is to be done with the job.
    enum Verdict: Equatable {
        case succeeded(WorkerResult)
        case failed(FailureReason, String)
        /// Back into the queue, uncharged, and no new claims for a while: the cause is not this job.
        case release(String)
        /// Drop the work; the row is the canceller's.
        case cancelled
    }

    private static let longestText = 400

    var ending: Ending = .exited(0)
    var interruption: Interruption?
    private(set) var result: WorkerResult?
    private(set) var error: WorkerFailure?
    /// The last words that were no event.
    private(set) var text: String = ""

    mutating func add(_ line: WorkerLine) {
        switch line {
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

    /// - outputSize: bytes in the temporary output.
    /// - limits: what the worker was held to; messages name the one that was reached.
    func verdict(outputSize: Int64, limits: WorkerLimits) -> Verdict {
        switch interruption {
        case .cancelled: return .cancelled
        case .stopping: return .release("the service stops")
        case .timedOut:
            return .failed(
                .workerTimedOut,
                "The worker had not finished after \(Int(limits.wallSeconds)) seconds (workers.timeout_seconds).")
        case .formatNotAllowed(let format):
            return .failed(.unsupportedFormat, "The file is \(format), which limits.formats does not allow.")
        case nil: break
        }
        if ending == .exited(0) {
            if let result, outputSize > 0 { return .succeeded(result) }
            return .failed(.workerCrashed, "The worker ended without a result." + words)
        }
        if let error, error.reason == .outOfMemory {
            return .failed(.outOfMemory, "\(error.message) (\(limits.memoryText).)")
        }
        if let error {
            guard let reason = error.reason else {
                return .failed(.workerCrashed, "The worker reported \"\(error.reasonText)\": \(error.message)")
            }
            let message = error.message.isEmpty ? "The worker reported \(error.reasonText)." : error.message
            let isNoFault = reason == .diskFull && !FaultPlan.injects(.chargeFullDisk)
            return isNoFault ? .release(message) : .failed(reason, message)
        }
        if Self.speaksOfMemory(text) {
            return .failed(
                .outOfMemory, "The worker needed more memory than it may take: \(limits.memoryText)." + words)
        }
        switch ending {
        case .exited(64):
            return .failed(.configuration, "The worker does not understand the options it was given." + words)
        case .exited(78): return .failed(.modelUnusable, "The worker cannot use the model." + words)
        case .exited(65): return .failed(.corrupt, "The worker could not read the file." + words)
        case .exited(let status):
            return .failed(.workerCrashed, "The worker ended with exit code \(status) and gave no reason." + words)
        case .signalled(SIGXCPU):
            return .failed(
                .workerTimedOut, "The worker used up the CPU time that it may take: \(limits.cpuText)." + words)
        case .signalled(SIGXFSZ):
            return .failed(.outputTooLarge, "The worker's output became too long: \(limits.fileText)." + words)
        case .signalled(let signal):
            let hint = signal == SIGKILL ? ", perhaps for want of memory" : ""
            return .failed(.workerCrashed, "The worker was ended by signal \(signal)\(hint)." + words)
        }
    }

    /// Whether these are the last words of a program that was refused memory and gave up on the spot: GLib's, Swift's and C++'s.
    private static func speaksOfMemory(_ text: String) -> Bool {
        ["failed to allocate", "Could not allocate memory", "bad_alloc", "emory exhausted"].contains {
            text.contains($0)
        }
    }

    private var words: String { text.isEmpty ? "" : " Its last words: \(text)" }
}
