/// How a running daemon is: the very facts by which it feeds systemd's watchdog.
public struct DaemonHealth: Sendable, Equatable, Codable {
    /// What a daemon is doing as a whole.
    public enum State: String, Sendable, Codable, CaseIterable {
        /// It recovers, watches and scans for the first time; nothing is worked on yet.
        case starting
        /// Everything moves.
        case ready
        /// Some part has not moved for too long. The watchdog is not fed, so that systemd restarts the service.
        case stalled
        /// It finishes what runs and starts nothing more.
        case stopping
    }

    /// A part that has not moved for too long.
    public struct Stuck: Sendable, Equatable, Codable {
        /// Which part, out of a closed list: a thread's name, or `database`.
        public var name: String
        /// For how long, seconds.
        public var seconds: Double

        /// Names a part that stands still.
        public init(name: String, seconds: Double) {
            self.name = name
            self.seconds = seconds
        }
    }

    /// The daemon's process.
    public var pid: Int32
    /// The daemon's version.
    public var version: String
    /// What it is doing.
    public var state: State
    /// What stands still; not empty in state `stalled`, and perhaps while stopping.
    public var stuck: [Stuck]
    /// Whether some inbox cannot be watched and is polled.
    public var polling: Bool
    /// Whether nothing is started for want of room on a disk.
    public var diskFull: Bool

    /// Creates a report.
    public init(pid: Int32, version: String, state: State, stuck: [Stuck] = [], polling: Bool, diskFull: Bool) {
        self.pid = pid
        self.version = version
        self.state = state
        self.stuck = stuck
        self.polling = polling
        self.diskFull = diskFull
    }

    private enum CodingKeys: String, CodingKey {
        case pid, version, state, stuck, polling
        case diskFull = "disk_full"
    }
}
