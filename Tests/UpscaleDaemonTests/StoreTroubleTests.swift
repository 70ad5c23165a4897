import JobQueue
import Testing

@testable import UpscaleDaemon

@Suite struct StoreTroubleTests {
    @Test(arguments: [JobStoreError.Code.diskFull, .busy, .outOfMemory])
    func aShortageOfTheSystemPasses(_ code: JobStoreError.Code) {
        guard case .passing = StoreTrouble(JobStoreError(code, "A sentence.")) else {
            Issue.record("\(code) does not pass")
            return
        }
    }

    @Test(arguments: [JobStoreError.Code.inputOutput, .damaged, .replaced])
    func anUncertainStateStopsTheService(_ code: JobStoreError.Code) {
        guard case .fatal = StoreTrouble(JobStoreError(code, "A sentence.")) else {
            Issue.record("\(code) does not stop the service")
            return
        }
    }
}
