import Foundation
import GRDB
import LinuxSupport
import SystemPackage

extension SQLiteJobStore {
    /// What became of the queue's content after somebody deleted or replaced its files.
    public enum Salvage: Sendable, Equatable {
        /// The database was missing; it is back under its name, so that the next start continues with it.
        case restored(FilePath)
        /// Another file has the database's name. That file was not touched, and the content was saved under this path.
        case saved(FilePath)
        /// Only the write-ahead log or its index was lost; its content was written into the database.
        case merged(FilePath)
    }

    /// Saves the content of a queue whose files were deleted or replaced. The open files still have the content, which
    /// no other file has. Call it as the last function of this store, when nothing writes to it any more.
    ///
    /// - Returns: nil if the files are in place.
    /// - Throws: `JobStoreError`, `FileError`; the content is lost when the process ends.
    public func salvage() throws -> Salvage? {
        do {
            try files.check()
            return nil
        } catch {}
        return try JobStoreError.translating {
            try queue.writeWithoutTransaction { db in
                // This also empties the log: the next start would otherwise apply it to a file that replaces the database.
                try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
                guard files.isDatabaseLost else { return .merged(files.database) }
                let folder = files.database.removingLastComponent()
                let saved = folder.appending("srgan-saved-\(Int(Date().timeIntervalSince1970)).db")
                try db.execute(sql: "VACUUM INTO ?", arguments: [saved.string])
                let descriptor = try FileDescriptor.open(saved, .readOnly, options: [.closeOnExec])
                defer { try? descriptor.close() }
                try DurableFile.sync(descriptor, name: saved)
                if try FileStamp.existing(files.database) == nil {
                    // The log that may still lie here belongs to the lost file.
                    for file in DatabaseFiles.companions(of: files.database) { try DurableFile.remove(file) }
                    if try DurableFile.renameWithoutReplacing(saved, to: files.database) {
                        try DurableFile.syncFolder(folder)
                        return .restored(files.database)
                    }
                }
                try DurableFile.syncFolder(folder)
                return .saved(saved)
            }
        }
    }
}
