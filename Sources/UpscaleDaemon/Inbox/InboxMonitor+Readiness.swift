import Foundation
import LinuxSupport
import QueueControl
import ServiceConfiguration
import SystemPackage

/// Decides whether a file is complete. A file that looks complete may still be half written: some programs set the full
/// size first and pause before they write the rest.
///
/// The evidence, the best first: a lease, which the kernel grants only while nobody has the file open for writing; the
/// descriptors in `/proc`; inotify's report that the file was closed. A file without any of these must stay unchanged
/// for `unfinished_settle_seconds`.
extension InboxMonitor {
    /// Seconds until a file that a process has open is examined again. Usually an event reports earlier that the file
    /// was closed.
    private static let heldInterval = 5.0
    /// Seconds for which a file must stay unchanged that was created before the eyes of inotify and not closed since, if
    /// nothing else tells whether a process has it open. FTP servers give up a stalled upload after about this time.
    private static let longestPause = 900.0

    /// True if a regular file can be taken now. Otherwise the tracker says when the file is examined again, or the file
    /// is ignored because it is no image.
    mutating func isReady(
        _ entry: InboxScanner.Entry, _ arrival: InboxHints.Arrival, scanner: InboxScanner, inbox: InboxConfiguration
    ) -> Bool {
        let now = Monotonic.now
        guard
            tracker.observe(
                entry.path, stamp: entry.stamp, arrival: arrival, settle: inbox.settleSeconds, now: now) == .settled
        else { return false }
        let descriptor: FileDescriptor
        do {
            descriptor = try scanner.open(entry)
        } catch let error as FileError where error.systemError == EWOULDBLOCK {
            // The writer has a lease, as file servers take one for their clients.
            return waitForWriter(of: entry, inbox, now: now)
        } catch {
            // The intake reports why it cannot be opened.
            return true
        }
        defer { try? descriptor.close() }
        guard ImageRecognition.isImage(entry.path, descriptor) else {
            ignore(entry)
            return false
        }
        guard let seconds = requiredRest(of: entry, descriptor, inbox, now: now) else {
            return waitForWriter(of: entry, inbox, now: now)
        }
        // The kernel's time of the last change also counts, so that a file that has been lying in the inbox for long is
        // taken at once after a start.
        let age = Date().timeIntervalSince1970 - Double(entry.stamp.changed) / 1e9
        let rest = max(now - (tracker.observation(of: entry.path)?.since ?? now), age)
        guard rest >= seconds else {
            tracker.postpone(entry.path, stamp: entry.stamp, until: now + seconds - rest)
            return false
        }
        return true
    }

    /// For how many seconds a settled file must have been unchanged; nil while a process has it open for writing.
    private mutating func requiredRest(
        of entry: InboxScanner.Entry, _ descriptor: FileDescriptor, _ inbox: InboxConfiguration, now: Double
    ) -> Double? {
        var seconds = 0.0
        switch RegularFile.hasWriter(descriptor) {
        case true?: return nil
        case false?: break
        case nil:
            if openFiles.hasWriter(descriptor, now: now) { return nil }
            switch tracker.observation(of: entry.path)?.writer ?? .unknown {
            case .closed: break
            // A hard link is created too, but usually nobody writes through it.
            case .open: if !Self.hasSeveralNames(descriptor) { seconds = Self.longestPause }
            case .unknown: seconds = inbox.unfinishedSettleSeconds
            }
        }
        // Scanners and file servers create a file some time before its content arrives.
        return entry.stamp.size == 0 ? max(seconds, inbox.unfinishedSettleSeconds) : seconds
    }

    /// Postpones a file that a process has open for writing. A drain gives up such a file after a while.
    private mutating func waitForWriter(
        of entry: InboxScanner.Entry, _ inbox: InboxConfiguration, now: Double
    ) -> Bool {
        let since = tracker.hold(entry.path, now: now)
        if since == now { logger.info("\(entry.path.escaped) waits until no process has it open for writing.") }
        if scansOnce, now - since >= inbox.unfinishedSettleSeconds {
            logger.warning("\(entry.path.escaped) stays in the inbox: a process still has it open for writing.")
            status.gaveUpFile()
            finish(entry)
        } else {
            tracker.postpone(entry.path, stamp: entry.stamp, until: now + Self.heldInterval)
        }
        return false
    }

    private mutating func ignore(_ entry: InboxScanner.Entry) {
        finish(entry)
        if ignored.insert(entry.path).inserted { logger.debug("\(entry.path.escaped) is no image and stays.") }
    }

    private static func hasSeveralNames(_ descriptor: FileDescriptor) -> Bool {
        var status = stat()
        return fstat(descriptor.rawValue, &status) == 0 && status.st_nlink > 1
    }
}
