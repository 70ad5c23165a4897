/// The health of a running daemon. The daemon uses the same facts to decide whether to notify systemd's watchdog.
public struct DaemonHealth: Sendable, Equatable, Codable {
    /// The overall state of a daemon.
    public enum State: String, Sendable, Codable, CaseIterable {
        /// The daemon recovers its queue, starts to watch its inboxes and scans them for the first time; it processes
        /// no job yet.
        case starting
        /// All parts of the daemon make progress.
        case ready
        /// A part has made no progress for too long. The daemon no longer notifies systemd's watchdog; systemd
        /// therefore restarts the service.
        case stalled
        /// The daemon finishes its running jobs and starts no more.
        case stopping
    }

    /// A part of the daemon that has made no progress for too long.
    public struct Stuck: Sendable, Equatable, Codable {
        /// The part's name, from a fixed list: a thread's name, or `database`.
        public var name: String
        /// Seconds without progress.
        public var seconds: Double

        /// Creates the entry for a stuck part.
        public init(name: String, seconds: Double) {
            self.name = name
            self.seconds = seconds
        }
    }

    /// The daemon's process id.
    public var pid: Int32
    /// The daemon's version.
    public var version: String
    /// The overall state.
    public var state: State
    /// The stuck parts: not empty in state `stalled`, possibly not empty in state `stopping`.
    public var stuck: [Stuck]
    /// True if an inbox cannot be watched and is polled instead.
    public var polling: Bool
    /// True if no job is started because a disk has too little free space.
    public var diskFull: Bool
    /// One sentence that says why no job could be processed at the last try, or why the daemon ends; nil if neither is
    /// the case. The cause is no fault of a job, and usually passes.
    public var trouble: String?
    /// The number of files that stay in the inboxes because they are no images; nil from an older daemon.
    public var ignored: Int?
    /// The number of inboxes that are missing or cannot be read.
    public var unavailableInboxes: Int
    /// The number of folders in inboxes that are too deep or cannot be read.
    public var leftOutFolders: Int
    /// The reasons why inboxes and folders are not scanned, full sentences; not more than `mostProblems`.
    public var problems: [String]

    /// The most sentences in `problems`.
    public static let mostProblems = 10

    /// Creates a health report.
    public init(
        pid: Int32, version: String, state: State, stuck: [Stuck] = [], polling: Bool, diskFull: Bool,
        trouble: String? = nil, unavailableInboxes: Int = 0, leftOutFolders: Int = 0, problems: [String] = [],
        ignored: Int? = nil
    ) {
        self.pid = pid
        self.version = version
        self.state = state
        self.stuck = stuck
        self.polling = polling
        self.diskFull = diskFull
        self.trouble = trouble
        self.unavailableInboxes = unavailableInboxes
        self.leftOutFolders = leftOutFolders
        self.problems = problems
        self.ignored = ignored
    }

    /// Decodes a report. A daemon of an earlier version sends no problems.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        pid = try container.decode(Int32.self, forKey: .pid)
        version = try container.decode(String.self, forKey: .version)
        state = try container.decode(State.self, forKey: .state)
        stuck = try container.decode([Stuck].self, forKey: .stuck)
        polling = try container.decode(Bool.self, forKey: .polling)
        diskFull = try container.decode(Bool.self, forKey: .diskFull)
        trouble = try container.decodeIfPresent(String.self, forKey: .trouble)
        unavailableInboxes = try container.decodeIfPresent(Int.self, forKey: .unavailableInboxes) ?? 0
        leftOutFolders = try container.decodeIfPresent(Int.self, forKey: .leftOutFolders) ?? 0
        problems = try container.decodeIfPresent([String].self, forKey: .problems) ?? []
        ignored = try container.decodeIfPresent(Int.self, forKey: .ignored)
    }

    private enum CodingKeys: String, CodingKey {
        case pid, version, state, stuck, polling, trouble, problems, ignored
        case diskFull = "disk_full"
        case unavailableInboxes = "unavailable_inboxes"
        case leftOutFolders = "left_out_folders"
    }
}
