import Foundation

/// What a running daemon tells of itself.
public struct DaemonStatus: Sendable, Equatable, Codable {
    /// The daemon's process.
    public var pid: Int32
    /// The daemon's version.
    public var version: String
    /// When the daemon was ready.
    public var startedAt: Date
    /// Whether a person paused the queue.
    public var paused: Bool
    /// Whether the daemon has been told to stop and is finishing what runs.
    public var stopping: Bool
    /// The jobs that a worker has right now, oldest first.
    public var running: [RunningJob]

    /// Creates a status.
    public init(
        pid: Int32, version: String, startedAt: Date, paused: Bool, stopping: Bool = false, running: [RunningJob]
    ) {
        self.pid = pid
        self.version = version
        self.startedAt = startedAt
        self.paused = paused
        self.stopping = stopping
        self.running = running
    }

    private enum CodingKeys: String, CodingKey {
        case pid, version, paused, stopping, running
        case startedAt = "started_at"
    }
}

/// How far a worker has come with its job.
public struct RunningJob: Sendable, Equatable, Codable, Identifiable {
    /// The job.
    public var id: Int64
    /// The worker's process, once it was started.
    public var workerPID: Int32?
    /// When the job was claimed.
    public var startedAt: Date
    /// When the first tile was begun: the base of the estimate of the time left. Nil before the worker's `input` event.
    public var firstTileAt: Date?
    /// Tiles that are done.
    public var tilesDone: Int
    /// All tiles; 0 before the worker's `input` event.
    public var tilesTotal: Int
    /// Size of the image, once the worker has told it.
    public var inputWidth: Int?
    /// Size of the image, once the worker has told it.
    public var inputHeight: Int?

    /// Creates a state of progress.
    public init(
        id: Int64, workerPID: Int32? = nil, startedAt: Date, firstTileAt: Date? = nil, tilesDone: Int = 0,
        tilesTotal: Int = 0, inputWidth: Int? = nil, inputHeight: Int? = nil
    ) {
        self.id = id
        self.workerPID = workerPID
        self.startedAt = startedAt
        self.firstTileAt = firstTileAt
        self.tilesDone = tilesDone
        self.tilesTotal = tilesTotal
        self.inputWidth = inputWidth
        self.inputHeight = inputHeight
    }

    /// Seconds until the last tile is done, from the pace so far; nil until one tile is done.
    public func secondsLeft(now: Date) -> Double? {
        guard let firstTileAt, tilesDone > 0, tilesTotal >= tilesDone else { return nil }
        let pace = max(0, now.timeIntervalSince(firstTileAt)) / Double(tilesDone)
        return pace * Double(tilesTotal - tilesDone)
    }

    private enum CodingKeys: String, CodingKey {
        case id
        case workerPID = "worker_pid"
        case startedAt = "started_at"
        case firstTileAt = "first_tile_at"
        case tilesDone = "tiles_done"
        case tilesTotal = "tiles_total"
        case inputWidth = "input_width"
        case inputHeight = "input_height"
    }
}
