/// When somebody looks into the queue again. A look that found nothing postpones the next one, but not when something
/// was queued while it was under way: it may have come too late to be seen, and nothing else would tell of it.
struct LookTime {
    /// What a look was begun with.
    struct Ticket: Equatable {
        fileprivate let wakes: Int
    }

    /// Nobody looks before this time of `Monotonic`.
    private(set) var next = 0.0
    private var wakes = 0

    /// There may be something.
    mutating func wake() {
        wakes += 1
        next = 0
    }

    func begin() -> Ticket { Ticket(wakes: wakes) }

    /// A look found nothing that is due before this time, which may be infinite.
    mutating func postpone(_ ticket: Ticket, until time: Double) {
        if ticket == begin() { next = time }
    }
}
