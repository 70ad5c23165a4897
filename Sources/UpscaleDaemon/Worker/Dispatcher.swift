import DaemonControl
import FaultInjection
import Foundation
import JobQueue
import LinuxSupport
import Logging
import ServiceConfiguration
import SystemPackage

/// Gives jobs to worker slots: as many at a time as configured. It gives none while the service stops, while a disk is
/// full, or for a while after a failure whose cause was not the job.
final class Dispatcher: Sendable {
    private struct State {
        var schedule = PollSchedule()
        /// Nothing is claimed before this time.
        var holdUntil = 0.0
        var isAccepting = true
        /// True when workers are killed as soon as they start.
        var isInterrupting = false
        /// Slots that are about to claim. The jobs that they get count as running already.
        var claiming = 0
        var isFull = false
        /// When the intake last had no room for a private copy.
        var copyRefusedAt = -Double.infinity
        /// By claim, not by job: a job that was cancelled and claimed again has two workers until the first has ended.
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

    // MARK: - For other threads

    /// Makes the slots poll the queue: there may be a new job, a retry, or the end of a pause.
    func wake() { state.change { $0.schedule.wake() } }

    /// The jobs that workers have, oldest first.
    var running: [RunningJob] { state.withLock { $0.running.values.map(\.progress) }.sorted { $0.id < $1.id } }

    /// Jobs that failed for good since the start, and files that were refused.
    var failed: Int { state.withLock { $0.failed } }

    /// Jobs that were completed since the start.
    var completed: Int { state.withLock { $0.completed } }

    /// True when no job is started because a disk is full. A file without room for its private copy does not count
    /// while workers run: the copies of their jobs will make room.
    var isDiskFull: Bool {
        state.withLock { $0.isFull || $0.running.isEmpty && Monotonic.now - $0.copyRefusedAt < 30 }
    }

    /// Notes that a file was not taken because its private copy has no room. The intake tries again within seconds.
    func noteRefusedCopy() { state.withLock { $0.copyRefusedAt = Monotonic.now } }

    /// Counts a file that was refused.
    func countFailure() { state.change { $0.failed += 1 } }

    /// Kills the workers of a job that was cancelled; false when no worker has it.
    func cancel(_ id: Int64) -> Bool {
        state.change { state in
            let claims = state.running.keys.filter { $0.id == id }
            for claim in claims { state.running[claim]?.interruption = .cancelled }
            return !claims.isEmpty
        }
    }

    /// Claims no new jobs from now on.
    func stopAccepting() { state.change { $0.isAccepting = false } }

    /// Kills every worker. Their jobs go back into the queue.
    func interruptAll() {
        state.change { state in
            state.isAccepting = false
            state.isInterrupting = true
            for claim in state.running.keys where state.running[claim]?.interruption == nil {
                state.running[claim]?.interruption = .stopping
            }
        }
    }

    /// Waits until no worker has a job; false when the time ran out first.
    func waitUntilIdle(seconds: Double) -> Bool {
        state.wait(until: Monotonic.now + seconds) { $0.running.isEmpty && $0.claiming == 0 ? true : nil } ?? false
    }

    /// Claims nothing for the first delay of a retry, after a failure whose cause (a full disk, no worker program) is
    /// not the job.
    func hold() {
        let seconds = max(1, settings.current.configuration.retry.firstDelaySeconds)
        state.change { $0.holdUntil = Monotonic.now + seconds }
    }

    // MARK: - For the worker slots

    /// Claims the next job, as soon as there is one; nil after at most a second, or when the service stops.
    func nextJob() -> Job? {
        let mayPoll = state.wait(until: Monotonic.now + 1) { state -> Bool? in
            if stop.isStopping { return false }
            let now = Monotonic.now
            return state.isAccepting && now >= state.schedule.next && now >= state.holdUntil ? true : nil
        }
        guard mayPoll == true, hasRoom() else { return nil }
        // A stop that comes after this waits for the claim.
        let ticket = state.change { state -> PollSchedule.Ticket? in
            guard state.isAccepting else { return nil }
            state.claiming += 1
            return state.schedule.begin()
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
            // A minute at most: retries fall due by the wall clock, which can be changed.
            let due = try store.nextDue().map { min(60, max(0.05, $0.timeIntervalSinceNow)) } ?? .infinity
            state.withLock { $0.schedule.delay(ticket, until: Monotonic.now + due) }
        } catch {
            switch StoreTrouble(error) {
            case .fatal: stop.giveUp(error)
            case .passing, .lostClaim, .mistake: hold()
            }
        }
        return nil
    }

    /// Changes the progress of a running job.
    func update(_ claim: Claim, _ change: (inout RunningJob) -> Void) {
        state.withLock { state in
            guard var entry = state.running[claim] else { return }
            change(&entry.progress)
            state.running[claim] = entry
        }
    }

    /// True while a slot works under this claim.
    func isRunning(_ claim: Claim) -> Bool { state.withLock { $0.running[claim] != nil } }

    /// Why the worker under this claim must be killed; nil when it may go on.
    func interruption(of claim: Claim) -> WorkerReport.Interruption? {
        state.withLock { $0.running[claim]?.interruption }
    }

    /// Lets go of a job whose slot has stored how its attempt ended.
    ///
    /// - ended: the job's state now; nil when it could not be stored.
    func finished(_ claim: Claim, as ended: JobState?) {
        state.change { state in
            state.running[claim] = nil
            switch ended {
            case .completed: state.completed += 1
            case .failed: state.failed += 1
            case .retryable, .available: state.schedule.wake()
            default: break
            }
        }
    }

    // MARK: - Free space

    /// True when every file system that the service writes to keeps the configured free space. Without it a job would
    /// fail at its end.
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
                "No job is started while \(full.escaped) has less than \(needed / 1_000_000) MB free (limits.min_free_space_mb)."
            )
        } else if full == nil, wasFull {
            logger.notice("The disks have enough free space again.")
        }
        return full == nil
    }
}
