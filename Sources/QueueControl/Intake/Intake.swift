import FaultInjection
import Foundation
import Glibc
import JobQueue
import LinuxSupport
import ServiceConfiguration
import SystemPackage
import WorkerProtocol

/// Turns a file into a job: makes the private copy, hashes it and adds the job to the queue. Blocks; may be called from
/// any thread.
package struct Intake: Sendable {
    /// The result for one file.
    package enum Outcome: Sendable {
        /// A new job was queued.
        case created(Job)
        /// A job for the same path and the same bytes is queued or running already.
        case alreadyQueued(Job)
        /// This same file was taken before and stays where it is.
        case alreadyTaken
        /// A job for the same path and the same bytes has ended, and its original still has to be moved, or was moved
        /// while this file was read. The path must be examined again.
        case owed(Job)
        /// The file was refused: its job failed at once.
        case rejected(Job)
        /// The file changed while it was copied.
        case unstable
        /// The file no longer exists.
        case gone
        /// The disk of the private copies has no room for a copy of the file. The file stays where it is until there is
        /// room.
        case noRoom
        /// The file cannot be taken now, for the given reason. It stays where it is and will be examined again.
        case postponed(String)
    }

    let store: any JobStore
    let spool: Spool

    /// Creates an intake that adds jobs to `store` and private copies to `spool`.
    package init(store: any JobStore, spool: Spool) {
        self.store = store
        self.spool = spool
    }

    // MARK: - From an inbox

    /// Takes a file of an inbox.
    ///
    /// - Throws: `JobStoreError`, and `FileError` after a failed fsync; no private copy is left then.
    package func take(
        _ entry: InboxScanner.Entry, scanner: InboxScanner, inbox: ServiceSettings.Inbox,
        configuration: Configuration, now: Date
    ) throws -> Outcome {
        // Asked before the file is read: a job that ends from now on may move this file away as its original.
        let settled = try store.settledJobs(source: entry.path)
        // Ignore an earlier job whose original was moved away: the file that is at this path now counts as a new one,
        // even if a person moved the original back.
        let earlier = try store.newestJob(source: entry.path).flatMap {
            [nil, entry.path].contains($0.disposedSource) ? $0 : nil
        }
        if let earlier, earlier.input.sourceStamp == entry.stamp.word {
            if Self.isLeftOver(earlier, inbox: inbox.configuration) { try store.requireDisposal(id: earlier.id) }
            return .alreadyTaken
        }

        var job = newJob(entry: entry, inbox: inbox, configuration: configuration)
        func reject(_ reason: FailureReason, _ message: String, move: Bool) throws -> Outcome {
            .rejected(try store.reject(job, reason: reason, message: message, needsDisposal: move, now: now))
        }
        guard entry.isRegular else {
            return try reject(
                .notARegularFile, "It is a symbolic link, a FIFO, a socket or a device, which is never opened.",
                move: false)
        }
        let descriptor: FileDescriptor
        do {
            descriptor = try scanner.open(entry)
        } catch let error as FileError
            where error.code != .folderUnavailable
            && [ENOENT, ENOTDIR].contains(error.systemError)
        {
            return .gone
        } catch let error as FileError where error.systemError == EACCES || error.systemError == EPERM {
            return try reject(.unreadable, "The service's user has no permission to read it.", move: false)
        } catch let error as FileError {
            return .postponed(error.message)
        }
        defer { try? descriptor.close() }
        guard let opened = Self.stamp(of: descriptor), opened == entry.stamp else { return .unstable }
        if opened.size == 0 {
            return try reject(.empty, "The file has 0 bytes.", move: true)
        }
        if opened.size > configuration.limits.maxFileSize {
            return try reject(.tooLarge, Self.tooLarge(opened.size, configuration), move: true)
        }
        let isKept = inbox.configuration.originals == .keep
        if isKept, let earlier, earlier.input.contentSize == opened.size {
            // The file was probably only touched or restored. Hashing it costs less than a durable copy.
            do {
                job.contentSHA256 = try RegularFile.sha256(descriptor, name: entry.path)
                try descriptor.seek(offset: 0, from: .start)
            } catch {
                return .postponed("\(error)")
            }
            guard Self.stamp(of: descriptor) == opened, scanner.entry(at: entry.path)?.stamp == opened else {
                return .unstable
            }
            if try wasTakenBefore(job, opened, earlier: earlier) { return .alreadyTaken }
        }
        guard hasRoom(for: opened.size, configuration) else { return .noRoom }
        let copy: Spool.Copy
        do {
            copy = try spool.store(descriptor, name: entry.path)
        } catch let error as FileError where error.code != .notDurable {
            return .postponed(error.message)
        }
        // If the file changed while it was read, the copy may mix old and new bytes.
        guard Self.stamp(of: descriptor) == opened, scanner.entry(at: entry.path)?.stamp == opened else {
            spool.remove(copy.path)
            return .unstable
        }
        job.contentSHA256 = copy.sha256
        if isKept, try wasTakenBefore(job, opened, earlier: earlier) {
            spool.remove(copy.path)
            return .alreadyTaken
        }
        return try enqueue(job, copy: copy, settled: settled, now: now)
    }

    /// True when originals of this inbox stay in it and this file is the original of an earlier job: it was renamed and
    /// renamed back, touched, or came back from a backup or on another disk. It is no new image, also if its output was
    /// taken away from the outbox in the meantime. The job remembers the file's stamp, so that the file is not read
    /// again.
    private func wasTakenBefore(_ job: NewJob, _ stamp: FileStamp, earlier: Job?) throws -> Bool {
        let isSameFile =
            earlier.map {
                stamp.hasIdentity(of: $0.input.sourceStamp) && $0.input.contentSHA256 == job.contentSHA256
            } ?? false
        guard let taken = try isSameFile ? earlier : store.endedTwin(of: job) else { return false }
        try store.updateSourceStamp(id: taken.id, stamp.word)
        return true
    }

    private static func movesOriginal(_ job: Job) -> Bool { job.state == .completed || job.state == .failed }

    /// True when a job's original is in the inbox only because it could not be found when it had to be moved: its share
    /// was not mounted, and the mount point was an empty folder.
    private static func isLeftOver(_ job: Job, inbox: InboxConfiguration) -> Bool {
        // Files that could not be read or are not regular stay in the inbox.
        let wasToLeave = movesOriginal(job) && ![.unreadable, .notARegularFile].contains(job.reason)
        return wasToLeave && !job.needsDisposal && job.disposedSource == nil && job.input.inbox == inbox.path
            && inbox.originals != .keep
    }

    // MARK: - From a person

    /// Takes a file that a person named (`srgan-jobs add`). The original stays where it is.
    ///
    /// - subfolder: the subfolder of the outbox for its output; empty for the outbox itself.
    /// - Throws: `FileError`, `JobStoreError`; no private copy is left then.
    package func add(
        _ path: FilePath, subfolder: FilePath = FilePath(), inbox: ServiceSettings.Inbox,
        configuration: Configuration, folders: ConfiguredFolders, now: Date
    ) throws -> Outcome {
        guard !subfolder.isAbsolute, subfolder.components.allSatisfy({ $0.kind == .regular }) else {
            return .postponed("\(subfolder.escaped) is no path below a folder.")
        }
        let descriptor: FileDescriptor
        do {
            descriptor = try folders.openFile(path)
        } catch let error as FileError {
            return .postponed(error.message)
        }
        defer { try? descriptor.close() }
        guard let opened = Self.stamp(of: descriptor) else { return .gone }
        if RegularFile.hasWriter(descriptor) == true {
            return .postponed("The file \(path.escaped) is still open for writing in another process.")
        }
        if opened.size == 0 { return .postponed("The file \(path.escaped) has 0 bytes.") }
        if opened.size > configuration.limits.maxFileSize {
            return .postponed(Self.tooLarge(opened.size, configuration))
        }
        guard hasRoom(for: opened.size, configuration) else { return .noRoom }
        guard let name = path.lastComponent else { return .gone }
        var job = newJob(
            entry: InboxScanner.Entry(
                path: path, relative: subfolder.appending(name), stamp: opened, isRegular: true),
            inbox: inbox, configuration: configuration)
        job.inbox = FilePath()
        let copy = try spool.store(descriptor, name: path)
        guard Self.stamp(of: descriptor) == opened else {
            spool.remove(copy.path)
            return .unstable
        }
        return try enqueue(job, copy: copy, settled: nil, now: now)
    }

    /// Makes a new private copy for a job. Reads the original at the path where it is now, for example in the archive.
    ///
    /// - Returns: the copy and the file that it was made from; nil when the original is gone or has changed.
    /// - Throws: `FileError`, also when an original cannot be opened for a reason that may pass.
    package func copyAgain(_ job: Job, folders: ConfiguredFolders) throws -> (copy: FilePath, source: FilePath)? {
        for path in [job.disposedSource, job.input.source].compactMap(\.self) {
            let descriptor: FileDescriptor
            do {
                descriptor = try folders.openFile(path)
            } catch let error as FileError where !error.isPassing {
                continue
            }
            defer { try? descriptor.close() }
            let copy = try spool.store(descriptor, name: path)
            if copy.sha256 == job.input.contentSHA256 { return (copy.path, path) }
            spool.remove(copy.path)
        }
        return nil
    }

    /// Removes a copy that `copyAgain` made and that no job needs.
    package func discard(_ copy: FilePath) { spool.remove(copy) }

    /// True if at least twice `limits.min_free_space_mb` stays free after a private copy of this size is made.
    ///
    /// A job needs only `limits.min_free_space_mb` itself to start. The doubled limit for copies reserves space for
    /// running jobs: copies are made faster than images are upscaled, and a copy is removed only when its job ends.
    /// Without the reserve, copies would use up the space that the jobs need in order to end.
    func hasRoom(for size: Int64, _ configuration: Configuration) -> Bool {
        let least = configuration.limits.minFreeSpace
        guard least > 0, !FaultPlan.injects(.ignoreRoom), let free = FreeSpace.bytes(at: spool.folder) else {
            return true
        }
        return free - size >= 2 * least
    }

    // MARK: - Rows

    private func enqueue(_ job: NewJob, copy: Spool.Copy, settled: Set<Int64>?, now: Date) throws -> Outcome {
        var job = job
        job.spool = copy.path
        job.contentSHA256 = copy.sha256
        job.contentSize = copy.size
        do {
            switch try store.enqueue(job, settled: settled, now: now) {
            case .created(let created): return .created(created)
            case .alreadyQueued(let existing):
                spool.remove(copy.path)
                return .alreadyQueued(existing)
            case .ended(let ended):
                spool.remove(copy.path)
                return .owed(ended)
            }
        } catch {
            spool.remove(copy.path)
            throw error
        }
    }

    private func newJob(
        entry: InboxScanner.Entry, inbox: ServiceSettings.Inbox, configuration: Configuration
    ) -> NewJob {
        let settings = inbox.configuration
        // An entry of a folder always has a name.
        let name = entry.relative.lastComponent!
        return NewJob(
            source: entry.path, inbox: settings.path, spool: FilePath(), contentSHA256: "",
            contentSize: entry.stamp.size,
            sourceStamp: entry.stamp.word, modelSHA256: inbox.model.sha256,
            settings: OutputSettings(inbox: settings, upscale: configuration.upscale).canonical,
            outputFolder: settings.outbox.pushing(entry.relative.removingLastComponent()),
            outputName: settings.naming.name(for: name, format: settings.format, models: inbox.model.parts.map(\.name)))
    }

    static func stamp(of descriptor: FileDescriptor) -> FileStamp? {
        var status = stat()
        guard fstat(descriptor.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return FileStamp(status)
    }

    static func tooLarge(_ size: Int64, _ configuration: Configuration) -> String {
        let limit = configuration.limits.maxFileSize / 1_000_000
        return "The file has \(size) bytes; limits.max_file_size_mb allows \(limit) MB."
    }
}
