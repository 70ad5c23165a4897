/// Time of the next queue poll. An empty poll delays the next one; a job queued during a poll cancels the delay: the
/// poll may have missed that job, and nothing else would announce it.
struct PollSchedule {
    /// Identifies a poll that has begun.
    struct Ticket: Equatable {
        fileprivate let wakes: Int
    }

    /// No poll begins before this time of `Monotonic`.
    private(set) var next = 0.0
    private var wakes = 0

    /// Makes the next poll due at once: there may be a job.
    mutating func wake() {
        wakes += 1
        next = 0
    }

    /// Begins a poll.
    func begin() -> Ticket { Ticket(wakes: wakes) }

    /// Delays the next poll until `time` (possibly infinite), after a poll that found no job due earlier.
    mutating func delay(_ ticket: Ticket, until time: Double) {
        if ticket == begin() { next = time }
    }
}
