import Foundation
import JobQueue
import LinuxSupport
import Testing

@testable import QueueControl
@testable import ServiceConfiguration
@testable import UpscaleDaemon

/// A job that arrives during a queue poll waits for no other event.
@Suite struct DispatcherTests {
    @Test func aJobQueuedDuringAPollIsPolledForAgain() {
        var schedule = PollSchedule()
        let first = schedule.begin()
        schedule.delay(first, until: .infinity)
        #expect(schedule.next == .infinity)
        schedule.wake()
        #expect(schedule.next == 0)
        let second = schedule.begin()
        schedule.wake()
        schedule.delay(second, until: .infinity)
        #expect(schedule.next == 0)
        schedule.delay(schedule.begin(), until: 7)
        #expect(schedule.next == 7)
    }

    /// A job that was cancelled and retried while its first worker has not ended yet.
    @Test func eachWorkerOfAJobIsInterruptedOnItsOwn() throws {
        let service = try TestService(sections: "[limits]\nmin_free_space_mb = 0")
        let dispatcher = Dispatcher(
            settings: service.live, store: service.store, stop: service.stop, logger: service.logger)
        let job = try service.queue("a.png")
        let first = try #require(dispatcher.nextJob()?.claim)
        _ = try service.store.cancel(id: job.id, now: Date())
        #expect(dispatcher.cancel(job.id))
        _ = try service.store.retry(
            id: job.id, spool: job.input.spool, source: job.input.source, now: Date())
        dispatcher.wake()
        let second = try #require(dispatcher.nextJob()?.claim)
        #expect(dispatcher.interruption(of: first) == .cancelled)
        #expect(dispatcher.interruption(of: second) == nil)
        dispatcher.finished(first, as: .cancelled)
        #expect(dispatcher.running.map(\.id) == [job.id])
        dispatcher.interruptAll()
        #expect(dispatcher.interruption(of: second) == .stopping)
    }

    /// Four slots poll a real queue while a pause ends, again and again.
    @Test func everyJobIsClaimed() throws {
        let service = try TestService(sections: "[limits]\nmin_free_space_mb = 0")
        let dispatcher = Dispatcher(
            settings: service.live, store: service.store, stop: service.stop, logger: service.logger)
        let given = Monitor<[Int64]>([])
        defer { service.stop.stop() }
        let slots = try (1...4).map { number in
            try NamedThread(name: "slot-\(number)") { [stop = service.stop] in
                while !stop.isStopping {
                    guard let job = dispatcher.nextJob() else { continue }
                    dispatcher.finished(job.claim!, as: .completed)
                    given.change { $0.append(job.id) }
                }
            }
        }
        var queued: [Int64] = []
        for round in 0..<200 {
            try service.store.setPaused(true, now: Date())
            queued.append(try service.queue("\(round).png", content: "image \(round)").id)
            dispatcher.wake()
            // At different moments of the slots' polls.
            usleep(UInt32(round * 10))
            try service.store.setPaused(false, now: Date())
            dispatcher.wake()
            // Nothing else wakes the slots: a job missed here would never be claimed.
            let all = given.wait(until: Monotonic.now + 60) { $0.count == queued.count ? true : nil }
            try #require(all == true, "Job \(queued.last ?? 0) was never given out.")
        }
        service.stop.stop()
        for slot in slots { slot.join(timeout: 60) }
        #expect(given.withLock(\.self) == queued)
    }
}
