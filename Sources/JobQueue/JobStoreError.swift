import GRDB
import SystemPackage

/// An error of the job queue.
public struct JobStoreError: Error, CustomStringConvertible {
    /// The kind of error.
    public enum Code: String, Sendable {
        /// The claim is no longer valid: the job was claimed again, released, or has ended.
        case lostClaim
        /// The same bytes of the same source are queued or running already, so the job cannot be queued again.
        case alreadyQueued
        /// Another process holds the lock of the state folder.
        case stateLocked
        /// The database does not exist yet.
        case noDatabase
        /// The database file belongs to another program.
        case foreignDatabase
        /// The database was written by a newer version of this program.
        case newerSchema
        /// The file is not a database, or its content is inconsistent.
        case damaged
        /// A bug in this program: a write would have stored a job whose columns contradict its state.
        case contradiction
        /// The state folder's disk is full. Nothing was written.
        case diskFull
        /// A read, a write or an fsync failed, so it is uncertain what is on the disk. The process must stop, and the
        /// next start recovers the queue; the operation must not be retried.
        case inputOutput
        /// The database or its folder cannot be opened or written.
        case unavailable
        /// A file of the database was deleted, moved away or replaced while the store used it. Nothing was written.
        case replaced
        /// Another connection kept the database locked for too long.
        case busy
        /// The system had no memory for the operation. Nothing was written, and the operation may be tried again.
        case outOfMemory
        /// SQLite reported another error.
        case unexpected
    }

    /// The kind of error.
    public let code: Code
    /// One full sentence.
    public let message: String
    /// The underlying error.
    public let cause: (any Error)?

    /// Creates an error of `code`, explained by one full sentence.
    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// The message.
    public var description: String { message }

    /// The error of a write whose claim is no longer valid.
    static func lostClaim(_ claim: Claim) -> JobStoreError {
        JobStoreError(.lostClaim, "Job \(claim.id) is no longer claimed by this worker.")
    }

    /// Runs `body` and converts SQLite's errors to errors of this module.
    static func translating<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw JobStoreError(error)
        }
    }

    init(_ error: DatabaseError) {
        let text = error.message ?? "code \(error.extendedResultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_FULL:
            self.init(.diskFull, "The disk of the state folder is full.", cause: error)
        case .SQLITE_NOMEM:
            self.init(.outOfMemory, "The system has no memory left for the database.", cause: error)
        case .SQLITE_IOERR:
            self.init(.inputOutput, "The database could not be read or written: \(text).", cause: error)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT:
            self.init(
                .damaged, "The database is damaged: \(text). Restore a backup, as docs/operations.md describes.",
                cause: error)
        case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH:
            self.init(.contradiction, "The columns of a job contradict its state: \(text).", cause: error)
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_AUTH:
            self.init(.unavailable, "The database cannot be opened: \(text).", cause: error)
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(.busy, "Another program keeps the database locked.", cause: error)
        default:
            self.init(.unexpected, "The database reported: \(text).", cause: error)
        }
    }
}
