import Foundation
import JobQueue
import LinuxSupport
import Logging
import SystemPackage

/// Checks periodically whether the queue's database can be written, and whether its files are still those that were
/// opened; if not, it ends the service. Once an hour it deletes old events. It has a thread of its own: if the disk
/// hangs, only this thread is blocked.
struct DatabaseProbe: Sendable {
    let store: any JobStore
    let heartbeat: Heartbeat
    /// The interval between two checks, seconds.
    let interval: Double
    let stop: StopSignal
    let logger: Logger
    /// How long events are kept, days.
    let keepDays: @Sendable () -> Int

    /// Starts the thread. It does not log errors that pass: each component that writes to the queue gets the same error,
    /// and logs it together with the write that failed.
    ///
    /// - Throws: `Errno` if the thread cannot be started.
    func start() throws(Errno) -> NamedThread {
        try NamedThread(name: "database") {
            var nextPruning = Monotonic.now
            repeat {
                do {
                    try store.probe()
                    heartbeat.beat()
                    if Monotonic.now >= nextPruning {
                        nextPruning = Monotonic.now + 3600
                        try pruneEvents()
                    }
                } catch let error as JobStoreError where error.code == .replaced {
                    stop.giveUp(error)
                } catch {}
            } while !stop.wait(seconds: interval)
        }
    }

    private func pruneEvents() throws {
        let deleted = try store.pruneEvents(before: Date(timeIntervalSinceNow: -86_400 * Double(keepDays())))
        if deleted > 0 { logger.info("Deleted \(deleted) events that are older than \(keepDays()) days.") }
    }
}
