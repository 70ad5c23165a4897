import JobQueue

/// Classifies an error of the queue by the reaction that it needs.
enum StoreTrouble {
    /// The cause will pass: try again later.
    case passing
    /// The caller's claim of the job is no longer valid, for example because the job was cancelled: drop the work.
    case lostClaim
    /// A constraint of the database refused a row, because of a bug that affects this one job: leave the job and
    /// continue with the others.
    case mistake
    /// Stop the service.
    case fatal

    init(_ error: any Error) {
        switch (error as? JobStoreError)?.code {
        case .lostClaim: self = .lostClaim
        case .diskFull, .busy, .outOfMemory, .alreadyQueued: self = .passing
        case .contradiction: self = .mistake
        default: self = .fatal
        }
    }
}
