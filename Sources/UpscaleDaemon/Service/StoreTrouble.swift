import JobQueue

/// What a thread does about an error of the queue.
enum StoreTrouble {
    /// Goes away by itself: try again later.
    case passing
    /// The row is another's now: drop the work.
    case lostClaim
    /// The program's own mistake about this one job, refused by the database's rules: leave it, do the others.
    case mistake
    /// Stop the service.
    case fatal

    init(_ error: any Error) {
        switch (error as? JobStoreError)?.code {
        case .lostClaim: self = .lostClaim
        case .diskFull, .busy, .alreadyQueued: self = .passing
        case .contradiction: self = .mistake
        default: self = .fatal
        }
    }
}
