import DaemonControl
import FaultInjection
import Foundation
import JobQueue
import LinuxSupport
import Logging
import SystemPackage

/// Gives jobs to worker slots: as many at a time as configured, none while the service stops, while a disk is full, or
/// for a while after something failed that is no job's fault.
final class Dispatcher: Sendable {
    private struct State {
        var look = LookTime()
        /// Nothing is claimed before this time.
        var holdUntil = 0.0
        var isAccepting = true
        /// Whether workers are killed as soon as they are there.
        var isInterrupting = false
        /// Slots that are about to claim: what they get belongs to the running ones already.
        var claiming = 0
        var isFull = false
        /// When the intake last had no room for a private copy.
        var copyRefusedAt = -Double.infinity
        /// By claim, not by job: a job that was taken back and claimed anew has two workers until the first has been ended.
        var running: [Claim: Running] = [:]
        var completed = 0
        var failed = 0
    }

    private struct Running {
        var progress: RunningJob
        var interruption: WorkerReport.Interruption?
    }

    private let settings: LiveSettings
    private let store: any JobStore
    private let stop: StopSignal
    private let logger: Logger
    private let state = Monitor(State())

    init(settings: LiveSettings, store: any JobStore, stop: StopSignal, logger: Logger) {
        self.settings = settings
        self.store = store
        self.stop = stop
        self.logger = logger
    }

    // MARK: - For the others

    /// There may be something to do: a new job, a retry, the end of a pause.
    func wake() { state.change { $0.look.wake() } }

    /// The jobs that workers have, oldest first.
    var running: [RunningJob] { state.withLock { $0.running.values.map(\.progress) }.sorted { $0.id < $1.id } }

    /// Jobs that failed for good since the start, and files that were refused.
    var failed: Int { state.withLock { $0.failed } }

    /// Jobs that were completed since the start.
    var completed: Int { state.withLock { $0.completed } }

    /// Whether nothing is started for want of room. A file that finds none for its private copy does not count as long as
    /// workers run: their copies make room.
    var isDiskFull: Bool {
        state.withLock { $0.isFull || $0.running.isEmpty && Monotonic.now - $0.copyRefusedAt < 30 }
    }

    /// A file was not taken because there is no room for its private copy; it is looked at again within seconds.
    func noteRefusedCopy() { state.withLock { $0.copyRefusedAt = Monotonic.now } }

    func countFailure() { state.change { $0.failed += 1 } }

    /// Kills the worker of a job that was taken back; false when none has it.
    func cancel(_ id: Int64) -> Bool {
        state.change { state in
            let claims = state.running.keys.filter { $0.id == id }
            for claim in claims { state.running[claim]?.interruption = .cancelled }
            return !claims.isEmpty
        }
    }

    /// No new jobs from now on.
    func stopAccepting() { state.change { $0.isAccepting = false } }

    /// Kills every worker; their jobs go back into the queue.
    func interruptAll() {
        state.change { state in
            state.isAccepting = false
            state.isInterrupting = true
            for claim in state.running.keys where state.running[claim]?.interruption == nil {
                state.running[claim]?.interruption = .stopping
            }
        }
    }

    /// Waits until no worker has a job; false when the time came first.
    func waitUntilIdle(seconds: Double) -> Bool {
        state.wait(until: Monotonic.now + seconds) { $0.running.isEmpty && $0.claiming == 0 ? true : nil } ?? false
    }

    /// Claims nothing for the first delay of a retry: what went wrong (a full disk, no worker) is no job's fault.
    func hold() {
        let seconds = max(1, settings.current.configuration.retry.firstDelaySeconds)
        state.change { $0.holdUntil = Monotonic.now + seconds }
    }

    // MARK: - For the worker slots

    /// The next job, as soon as there is one; nil after at most a second, or when the service stops.
    func nextJob() -> Job? {
        let mayLook = state.wait(until: Monotonic.now + 1) { state -> Bool? in
            if stop.isStopping { return false }
            let now = Monotonic.now
            return state.isAccepting && now >= state.look.next && now >= state.holdUntil ? true : nil
        }
        guard mayLook == true, hasRoom() else { return nil }
        // A stop that comes from here on waits for the claim.
        let ticket = state.change { state -> LookTime.Ticket? in
            guard state.isAccepting else { return nil }
            state.claiming += 1
            return state.look.begin()
        }
        guard let ticket else { return nil }
        var job: Job?
        defer {
            state.change { state in
                state.claiming -= 1
                guard let job, let claim = job.claim else { return }
                state.running[claim] = Running(
                    progress: RunningJob(id: job.id, startedAt: job.startedAt ?? Date()),
                    interruption: state.isInterrupting ? .stopping : nil)
            }
        }
        do {
            job = try store.claim(now: Date())
            if job != nil { return job }
            // Not too far off: retries fall due by the wall clock, which may be set.
            let due = try store.nextDue().map { min(60, max(0.05, $0.timeIntervalSinceNow)) } ?? .infinity
            state.withLock { $0.look.postpone(ticket, until: Monotonic.now + due) }
        } catch {
            switch StoreTrouble(error) {
            case .fatal: stop.giveUp(error)
            case .passing, .lostClaim, .mistake: hold()
            }
        }
        return nil
    }

    func update(_ claim: Claim, _ change: (inout RunningJob) -> Void) {
        state.withLock { state in
            guard var entry = state.running[claim] else { return }
            change(&entry.progress)
            state.running[claim] = entry
        }
    }

    /// Whether a slot works under this claim.
    func isRunning(_ claim: Claim) -> Bool { state.withLock { $0.running[claim] != nil } }

    func interruption(of claim: Claim) -> WorkerReport.Interruption? {
        state.withLock { $0.running[claim]?.interruption }
    }

    /// A slot is done with its job, which now is as it is in the queue.
    func finished(_ claim: Claim, as ended: Job?) {
        state.change { state in
            state.running[claim] = nil
            switch ended?.state {
            case .completed: state.completed += 1
            case .failed: state.failed += 1
            case .retryable, .available: state.look.wake()
            default: break
            }
        }
    }

    // MARK: - Room on the disks

    /// Whether every file system that is written to has the room that is to be left free. Without it a job would fail
    /// at its end.
    private func hasRoom() -> Bool {
        if FaultPlan.injects(.ignoreRoom) { return true }
        let needed = settings.current.configuration.limits.minFreeSpace
        let full = settings.current.writtenFolders.first { folder in
            FreeSpace.bytes(at: folder).map { $0 < needed } ?? false
        }
        let wasFull = state.change { state in
            defer { state.isFull = full != nil }
            if full != nil { state.holdUntil = Monotonic.now + 1 }
            return state.isFull
        }
        if let full, !wasFull {
            logger.error(
                "Nothing is started while \(full.escaped) has less than \(needed / 1_000_000) MB free (limits.min_free_space_mb)."
            )
        } else if full == nil, wasFull {
            logger.notice("There is room on the disks again.")
        }
        return full == nil
    }
}
