import GRDB
import Testing

@testable import JobQueue

/// Which errors of SQLite stop the service, and which pass.
@Suite struct JobStoreErrorTests {
    @Test(arguments: [
        (ResultCode.SQLITE_NOMEM, JobStoreError.Code.outOfMemory), (.SQLITE_FULL, .diskFull), (.SQLITE_BUSY, .busy),
        (.SQLITE_LOCKED, .busy), (.SQLITE_IOERR, .inputOutput), (.SQLITE_IOERR_NOMEM, .inputOutput),
        (.SQLITE_CORRUPT, .damaged), (.SQLITE_NOTADB, .damaged), (.SQLITE_CANTOPEN, .unavailable),
        (.SQLITE_READONLY, .unavailable), (.SQLITE_CONSTRAINT, .contradiction), (.SQLITE_MISUSE, .unexpected),
    ])
    func everyErrorHasItsCode(_ code: ResultCode, _ expected: JobStoreError.Code) {
        #expect(JobStoreError(DatabaseError(resultCode: code)).code == expected)
    }
}
