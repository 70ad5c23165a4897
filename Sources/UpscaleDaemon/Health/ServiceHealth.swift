import DaemonControl
import FaultInjection
import Foundation
import LinuxSupport
import Synchronization

/// Decides whether all parts of the service make progress. systemd's watchdog, `srgan-jobs health` and the metrics all
/// use this decision.
///
/// Each part of the service is a thread with a `Heartbeat`. A part whose last beat is older than its limit is stuck.
/// The check itself waits only for the heartbeats' locks, so it answers even while a disk, a network share or the
/// database hangs.
final class ServiceHealth: Sendable {
    /// The phases of the service, from its start to its end.
    enum Phase: Sendable {
        case starting, running, stopping
    }

    /// The longest time between two beats of a part.
    enum Patience {
        /// For parts that only wait, seconds.
        static let usual = 60.0
        /// For parts that copy and hash files, seconds. A copy of several gigabytes from a slow share, or an fsync on a
        /// slow disk, takes long, but the part is not stuck then.
        static let copying = 300.0
    }

    private struct Part {
        let heartbeat: Heartbeat
        let limit: Double
    }

    private let state = Mutex<(parts: [Part], phase: Phase)>(([], .starting))
    private let limitOverride = FaultPlan.stallSeconds

    /// Monitors a part from now on.
    func watch(_ heartbeat: Heartbeat, limit: Double = Patience.usual) {
        heartbeat.reset()
        state.withLock { $0.parts.append(Part(heartbeat: heartbeat, limit: limitOverride ?? limit)) }
    }

    func enter(_ phase: Phase) { state.withLock { $0.phase = phase } }

    /// A part that beats at least once in this many seconds is never reported as stuck.
    var leastPace: Double { (limitOverride ?? Patience.usual) / 3 }

    /// The parts that are stuck now, sorted by the age of their last beat, the oldest beat first.
    func stuck(now: Double) -> [DaemonHealth.Stuck] {
        state.withLock { $0.parts }
            .map { (part: $0, age: $0.heartbeat.age(now: now)) }
            .filter { $0.age > $0.part.limit }
            .sorted { $0.age > $1.age }
            .map { DaemonHealth.Stuck(name: $0.part.heartbeat.name, seconds: $0.age) }
    }

    /// The health report. Stuck parts make the state `stalled` only while the service runs: for the start and the stop,
    /// systemd has time limits of its own.
    ///
    /// - trouble: why no job can be processed; see `DaemonHealth.trouble`.
    func report(
        polling: Bool, diskFull: Bool, ignored: Int, trouble: String? = nil, problems: InboxProblems = InboxProblems(),
        now: Double = Monotonic.now
    ) -> DaemonHealth {
        let stuck = stuck(now: now)
        let health: DaemonHealth.State =
            switch state.withLock({ $0.phase }) {
            case .starting: .starting
            case .running: stuck.isEmpty ? .ready : .stalled
            case .stopping: .stopping
            }
        return DaemonHealth(
            pid: getpid(), version: ProgramVersion.current, state: health, stuck: stuck, polling: polling,
            diskFull: diskFull, trouble: trouble, unavailableInboxes: problems.unavailable.count,
            leftOutFolders: problems.leftOutCount, problems: problems.sentences(most: DaemonHealth.mostProblems),
            ignored: ignored)
    }
}
