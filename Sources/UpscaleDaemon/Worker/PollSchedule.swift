/// The time of the next poll of the queue. A poll that finds no job delays the next poll. A job that is queued during a
/// poll cancels that delay: the poll may have missed the job, and no other event would announce it.
struct PollSchedule {
    /// Identifies a poll that has begun.
    struct Ticket: Equatable {
        fileprivate let wakes: Int
    }

    /// No poll begins before this time of `Monotonic`.
    private(set) var next = 0.0
    private var wakes = 0

    /// Makes the next poll due at once, because there may be a job.
    mutating func wake() {
        wakes += 1
        next = 0
    }

    /// Begins a poll.
    func begin() -> Ticket { Ticket(wakes: wakes) }

    /// Delays the next poll until `time` (possibly infinite), after a poll that found no job. Does nothing if `wake`
    /// was called after that poll had begun.
    mutating func delay(_ ticket: Ticket, until time: Double) {
        if ticket == begin() { next = time }
    }
}
