import Foundation

/// The status of a running daemon.
public struct DaemonStatus: Sendable, Equatable, Codable {
    /// The daemon's process id.
    public var pid: Int32
    /// The daemon's version.
    public var version: String
    /// The time at which the daemon started.
    public var startedAt: Date
    /// True if a person paused the queue.
    public var paused: Bool
    /// True if the daemon has been asked to stop and only finishes its running jobs.
    public var stopping: Bool
    /// The jobs that workers are processing, oldest first.
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

/// The progress of a running job.
public struct RunningJob: Sendable, Equatable, Codable, Identifiable {
    /// The job's id.
    public var id: Int64
    /// The worker's process id, once it is started.
    public var workerPID: Int32?
    /// The time of the claim.
    public var startedAt: Date
    /// The time at which the worker began its first tile, from which the remaining time is estimated. Nil before the
    /// worker's `input` event.
    public var firstTileAt: Date?
    /// The number of finished tiles.
    public var tilesDone: Int
    /// The total number of tiles; 0 before the worker's `input` event.
    public var tilesTotal: Int
    /// The input's width in pixels, once the worker has reported it.
    public var inputWidth: Int?
    /// The input's height in pixels, once the worker has reported it.
    public var inputHeight: Int?

    /// Creates a progress report.
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

    /// Uses the average time per tile to estimate the seconds until the last tile is done; nil until one tile is done.
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
