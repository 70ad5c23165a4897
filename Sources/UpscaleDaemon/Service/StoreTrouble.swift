import JobQueue

/// How a thread reacts to an error of the queue.
enum StoreTrouble {
    /// The cause passes: try again later.
    case passing
    /// The row is no longer under this claim: drop the work.
    case lostClaim
    /// The database's rules refused a row because of a bug that affects this one job: leave the job, go on with others.
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
