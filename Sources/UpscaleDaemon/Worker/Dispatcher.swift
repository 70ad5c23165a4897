import DaemonControl
import FaultInjection
import Foundation
import JobQueue
import LinuxSupport
import Logging
import ServiceConfiguration
import SystemPackage

/// Gives jobs to the worker slots (the threads of `WorkerSlots`), one job at a time to each slot. Gives out no job
/// while the service stops, while a disk is full, or for some seconds after a failure that the job did not cause.
final class Dispatcher: Sendable {
    private struct State {
        var schedule = PollSchedule()
        /// No job is claimed before this time (`Monotonic`).
        var holdUntil = 0.0
        var isAccepting = true
        /// True when workers are killed as soon as they start.
        var isInterrupting = false
        /// The number of slots that are claiming a job now. `waitUntilIdle` also waits for these slots.
        var claiming = 0
        var isFull = false
        /// The last job for whose output there was no space, if no job has been completed since.
        var lastWithoutRoom: Int64?
        /// Why no job could be processed at the last try; nil when the last try was possible.
        var trouble: String?
        /// The last time (`Monotonic`) at which the disk had no room for a private copy.
        var copyRefusedAt = -Double.infinity
        /// Running jobs by claim, not by id: a job that was cancelled, retried and claimed again has two workers until
        /// the first worker has ended.
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

    /// The jobs that worker slots run, oldest first.
    var running: [RunningJob] { state.withLock { $0.running.values.map(\.progress) }.sorted { $0.id < $1.id } }

    /// The number of jobs that failed for good, plus the number of refused files, since the service started.
    var failed: Int { state.withLock { $0.failed } }

    /// The number of jobs that were completed since the service started.
    var completed: Int { state.withLock { $0.completed } }

    /// True when no job is started because a disk is too full, when there was no space for the output of a job and none
    /// has been completed since, or when no job runs and a file had no room for its private copy in the last 30 seconds.
    /// While jobs run, a file without room is not reported: it waits until a job ends and frees its private copy.
    var isDiskFull: Bool {
        state.withLock {
            $0.isFull || $0.lastWithoutRoom != nil || $0.running.isEmpty && Monotonic.now - $0.copyRefusedAt < 30
        }
    }

    /// Why no job could be processed at the last try, for a reason that is no fault of the job; nil if there is none.
    var trouble: String? { state.withLock { $0.trouble } }

    /// When the job with this claim was claimed; nil if no slot runs it.
    func claimTime(of claim: Claim) -> Date? { state.withLock { $0.running[claim]?.progress.startedAt } }

    /// Notes that a file was not taken because there is no room for its private copy. The inbox monitor tries to take
    /// the file again after some seconds.
    func noteRefusedCopy() { state.withLock { $0.copyRefusedAt = Monotonic.now } }

    /// Counts a file that was refused.
    func countFailure() { state.change { $0.failed += 1 } }

    /// Kills the workers of a job that was cancelled; returns false when no worker runs it.
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

    /// Waits until no slot has a job; returns false when the time runs out first.
    func waitUntilIdle(seconds: Double) -> Bool {
        state.wait(until: Monotonic.now + seconds) { $0.running.isEmpty && $0.claiming == 0 ? true : nil } ?? false
    }

    /// Stops the claiming of jobs for some time after a failure that the job did not cause, such as a worker program that
    /// cannot be started. The time is `retry.first_delay_seconds`, but at least 1 second.
    ///
    /// - why: one sentence, which `trouble` returns until a job could be processed.
    func hold(because why: String) {
        let seconds = max(1, settings.current.configuration.retry.firstDelaySeconds)
        state.change {
            $0.holdUntil = Monotonic.now + seconds
            $0.trouble = why
        }
    }

    /// Notes that there was no space for the output of a job. A single job waits alone, because a smaller output may
    /// still fit. When the output of the next job does not fit either, all jobs wait: otherwise each of them would be
    /// computed in vain.
    func noteFullDisk(_ id: Int64, _ why: String) {
        let isOther = state.change { state in
            defer { state.lastWithoutRoom = id }
            return state.lastWithoutRoom.map { $0 != id } ?? false
        }
        if isOther { hold(because: why) }
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
        // If the service stops after this point, `waitUntilIdle` waits for the end of this claim.
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
                    progress: RunningJob(id: job.id, startedAt: Date()),
                    interruption: state.isInterrupting ? .stopping : nil)
            }
        }
        do {
            job = try store.claim(now: Date())
            if job != nil { return job }
            // Wait for a minute at most: retries are due by the wall clock, which can be changed.
            let due = try store.nextDue().map { min(60, max(0.05, $0.timeIntervalSinceNow)) }
            state.withLock { state in
                state.schedule.delay(ticket, until: Monotonic.now + (due ?? .infinity))
                if due == nil && state.running.isEmpty {
                    // No job waits any more, so what kept jobs from being processed is over.
                    state.lastWithoutRoom = nil
                    state.trouble = nil
                }
            }
        } catch {
            switch StoreTrouble(error) {
            case .fatal: stop.giveUp(error)
            case .passing, .lostClaim, .mistake: hold(because: "\(error)")
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

    /// True while a worker slot runs the job with this claim.
    func isRunning(_ claim: Claim) -> Bool { state.withLock { $0.running[claim] != nil } }

    /// The reason why the worker that runs the job with this claim must be killed; nil when it may continue.
    func interruption(of claim: Claim) -> WorkerReport.Interruption? {
        state.withLock { $0.running[claim]?.interruption }
    }

    /// Removes a job from the running ones, after its slot has stored how the attempt ended.
    ///
    /// - ended: the job's state now; nil when it could not be stored.
    func finished(_ claim: Claim, as ended: JobState?) {
        state.change { state in
            state.running[claim] = nil
            switch ended {
            case .completed:
                state.completed += 1
                state.lastWithoutRoom = nil
                state.trouble = nil
            case .failed:
                state.failed += 1
                state.trouble = nil
            case .retryable, .available: state.schedule.wake()
            default: break
            }
        }
    }

    // MARK: - Free space

    /// True when every file system that the service writes to has the configured free space. With less free space, a
    /// job might fail only at its end, after all the work.
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
                "No job is started while \(full.escaped) has less than \(needed / 1_000_000) MB free (limits.min_free_space_mb); there is \(FreeSpace.text(at: full))."
            )
        } else if full == nil, wasFull {
            logger.notice("The disks have enough free space again.")
        }
        return full == nil
    }
}
