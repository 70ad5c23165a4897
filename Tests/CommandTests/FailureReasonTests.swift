import Imaging
import JobQueue
import SRGAN
import Testing

/// Imaging must not depend on jobs, and the daemon must not depend on the network, so some words are defined twice.
@Suite("Words that two modules define")
struct FailureReasonTests {
    @Test("every code of Imaging is a reason of the queue")
    func reasons() {
        for code in ImagingError.Code.allCases { #expect(FailureReason(rawValue: code.rawValue) != nil, "\(code)") }
        for reason in ["model_unusable", "numerical_error"] { #expect(FailureReason(rawValue: reason) != nil) }
    }

    @Test("a transient reason of the queue is exit code 75 of the worker, and vice versa")
    func transience() {
        let passing: [ImagingError.Code] = [.inputOutputError, .diskFull, .outOfMemory]
        for code in ImagingError.Code.allCases {
            #expect(FailureReason(rawValue: code.rawValue)?.isTransient == passing.contains(code), "\(code)")
        }
    }
}
