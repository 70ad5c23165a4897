import Imaging
import JobQueue
import SRGAN
import Testing

/// Imaging must not know jobs, and the daemon must not know the network, so some words stand twice.
@Suite("Words that stand in two rooms")
struct FailureReasonTests {
    @Test("every code of Imaging is a reason of the queue")
    func reasons() {
        for code in ImagingError.Code.allCases { #expect(FailureReason(rawValue: code.rawValue) != nil, "\(code)") }
        for reason in ["model_unusable", "numerical_error"] { #expect(FailureReason(rawValue: reason) != nil) }
    }

    @Test("what passes for the queue is exit code 75 of the worker, and the other way round")
    func transience() {
        let passing: [ImagingError.Code] = [.inputOutputError, .diskFull, .outOfMemory]
        for code in ImagingError.Code.allCases {
            #expect(FailureReason(rawValue: code.rawValue)?.isTransient == passing.contains(code), "\(code)")
        }
    }
}
