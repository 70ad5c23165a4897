import DaemonControl
import Foundation
import LinuxSupport
import Synchronization

/// Whether everything moves: the one judgement behind systemd's watchdog, `srgan-jobs health` and the metrics.
///
/// Each part of the service beats at every turn (`Heartbeat`); a part that has not for longer than its limit is stuck. Asking
/// blocks on nothing but the parts' own beats, so there is an answer while a disk, a share or the database hangs.
final class ServiceHealth: Sendable {
    /// What the service is doing, apart from what is stuck.
    enum Phase: Sendable {
        case starting, running, stopping
    }

    /// How long a part may go without a turn.
    enum Patience {
        /// For parts that only wait, seconds.
        static let usual = 60.0
        /// For parts that copy and hash files: gigabytes from a slow share, and a slow disk's fsync, are no freeze. Seconds.
        static let copying = 300.0
    }

    private struct Part {
        let heartbeat: Heartbeat
        let limit: Double
    }

    private let state = Mutex<(parts: [Part], phase: Phase)>(([], .starting))
    private let limitOverride: Double?

    init(environment: [String: String] = [:]) {
        #if DEBUG
            limitOverride = environment["SRGAN_STALL_SECONDS"].flatMap(Double.init)
        #else
            limitOverride = nil
        #endif
    }

    /// Has a part looked at from now on.
    func watch(_ heartbeat: Heartbeat, limit: Double = Patience.usual) {
        heartbeat.reset()
        state.withLock { $0.parts.append(Part(heartbeat: heartbeat, limit: limitOverride ?? limit)) }
    }

    func enter(_ phase: Phase) { state.withLock { $0.phase = phase } }

    /// How often a part has to turn at least so that it never looks stuck, seconds.
    var leastPace: Double { (limitOverride ?? Patience.usual) / 3 }

    /// What is stuck now, the longest first.
    func stuck(now: Double) -> [DaemonHealth.Stuck] {
        state.withLock { $0.parts }
            .map { (part: $0, age: $0.heartbeat.age(now: now)) }
            .filter { $0.age > $0.part.limit }
            .sorted { $0.age > $1.age }
            .map { DaemonHealth.Stuck(name: $0.part.heartbeat.name, seconds: $0.age) }
    }

    /// The judgement. What is stuck counts only while the service runs: the start has systemd's start time-out, the stop
    /// its own.
    func report(polling: Bool, diskFull: Bool, now: Double = Monotonic.now) -> DaemonHealth {
        let stuck = stuck(now: now)
        let health: DaemonHealth.State =
            switch state.withLock({ $0.phase }) {
            case .starting: .starting
            case .running: stuck.isEmpty ? .ready : .stalled
            case .stopping: .stopping
            }
        return DaemonHealth(
            pid: getpid(), version: ProgramVersion.current, state: health, stuck: stuck, polling: polling,
            diskFull: diskFull)
    }
}
