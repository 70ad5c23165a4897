import SystemPackage

/// A reader's place in the event log of a state folder. Each event behind it is read once.
///
/// Each reading opens the database anew, so a reader continues when the database is replaced by a backup.
public struct EventCursor: Sendable {
    /// What a reader should know besides the events.
    public enum Gap: Sendable, Equatable {
        /// Events were deleted because of their age before they were read.
        case deleted(ClosedRange<Int64>)
        /// The log ends before the cursor, because the queue was restored from a backup or made anew. The cursor was
        /// moved to the log's end, so events of the backup's time may be missing.
        case restored(last: Int64)
    }

    /// The state folder.
    public let directory: FilePath
    /// The id of the last event that was read.
    public private(set) var last: Int64

    /// Creates a cursor behind the event `last`.
    public init(directory: FilePath, after last: Int64) {
        self.directory = directory
        self.last = last
    }

    /// Reads the next events, at most `limit`, and moves the cursor behind them. Several readings pass the whole log.
    ///
    /// - Throws: `JobStoreError`, as `JobHistory`.
    public mutating func next(limit: Int = 1000) throws -> (events: [JobEvent], gap: Gap?, history: JobHistory) {
        let history = try JobHistory(directory: directory)
        let range = try history.eventRange()
        guard range.last >= last else {
            last = range.last
            return ([], .restored(last: last), history)
        }
        let events = try history.events(after: last, limit: limit)
        // Ids have no gaps but those of deleted events: a transaction that is rolled back also returns its ids.
        let end = events.first?.id ?? range.last + 1
        let gap = end > last + 1 && limit > 0 ? Gap.deleted(last + 1...end - 1) : nil
        last = events.last?.id ?? range.last
        return (events, gap, history)
    }
}
