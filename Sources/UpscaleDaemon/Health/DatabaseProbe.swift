import JobQueue
import LinuxSupport
import SystemPackage

/// Checks periodically whether the queue's database can be written, and whether its files are still those that were
/// opened; if not, it ends the service. The check has a thread of its own: if the disk
/// hangs, the check blocks only this thread.
struct DatabaseProbe: Sendable {
    let store: any JobStore
    let heartbeat: Heartbeat
    /// The interval between two checks, seconds.
    let interval: Double
    let stop: StopSignal

    /// Starts the thread. It does not log errors that pass: each component that writes to the queue gets the same error,
    /// and logs it together with the write that failed.
    ///
    /// - Throws: `Errno` if the thread cannot be started.
    func start() throws(Errno) -> NamedThread {
        try NamedThread(name: "database") {
            repeat {
                do {
                    try store.probe()
                    heartbeat.beat()
                } catch let error as JobStoreError where error.code == .replaced {
                    stop.giveUp(error)
                } catch {}
            } while !stop.wait(seconds: interval)
        }
    }
}
