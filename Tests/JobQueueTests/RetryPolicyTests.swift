import JobQueue
import Testing
import WorkerProtocol

@Suite struct RetryPolicyTests {
    private let policy = RetryPolicy(maxAttempts: 100, firstDelay: 10, maxDelay: 600)

    @Test func delaysDoubleUpToTheLimit() {
        let full = (1...8).map { policy.delay(after: $0, reason: .diskFull, random: 1) }
        #expect(full == [10, 20, 40, 80, 160, 320, 600, 600])
        #expect(policy.delay(after: 99, reason: .diskFull, random: 1) == 600)
    }

    @Test(arguments: [0.0, 0.25, 0.999]) func jitterKeepsHalfOfTheDelay(_ random: Double) throws {
        let delay = try #require(policy.delay(after: 3, reason: .workerCrashed, random: random))
        #expect(delay == 40 * (0.5 + random / 2))
    }

    @Test func onlyTransientFailuresAreRetriedUpToTheLimit() {
        for reason in FailureReason.allCases {
            #expect((policy.delay(after: 1, reason: reason, random: 0) != nil) == reason.isTransient)
            #expect(policy.delay(after: 100, reason: reason, random: 0) == nil)
        }
        #expect(RetryPolicy(maxAttempts: 1).delay(after: 1, reason: .diskFull, random: 0) == nil)
    }

    @Test func aJobWithoutRoomWaitsLongerEachTime() {
        let policy = RetryPolicy(firstDelay: 10, maxDelay: 600, fullDiskPatience: 3600)
        let delays = [0, 10, 100, 1000, 3599, 3600].map { policy.delay(waitedForRoom: $0, random: 1) }
        #expect(delays == [10, 10, 100, 600, 600, nil])
        // A job that is due at once would never let another one pass.
        #expect(RetryPolicy(firstDelay: 0, maxDelay: 0).delay(waitedForRoom: 0, random: 0) == 1)
    }
}
