import Imaging
import Testing
import WorkerProtocol

@testable import srgan

@Suite("Reasons of failures")
struct FailureReasonTests {
    @Test(
        "a reason that may pass is exit code 75 of the worker, and the other way round",
        arguments: ImagingError.Code.allCases)
    func transience(code: ImagingError.Code) {
        let failure = Failure(ImagingError(code, "M."))
        #expect(failure.reason.isTransient == (failure.exitCode == 75))
    }
}
