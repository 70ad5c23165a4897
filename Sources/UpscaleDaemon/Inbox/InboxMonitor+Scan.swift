import LinuxSupport
import QueueControl
import ServiceConfiguration
import SystemPackage

/// Finds files: scans all inboxes, and examines single folders and files after a hint.
extension InboxMonitor {
    /// Seconds between two scans while an inbox cannot be watched.
    private static let pollingInterval = 5.0

    /// Scans every inbox and takes the files that have settled.
    mutating func scanAll() {
        let settings = settings.current
        if generation != self.settings.generation {
            generation = self.settings.generation
            ignored = ignored.filter { path in
                settings.inboxes.contains { path.starts(with: $0.configuration.path) }
            }
        }
        let configured = Set(settings.inboxes.map(\.configuration.path))
        problems.unavailable = problems.unavailable.filter { configured.contains($0.key) }
        problems.leftOut = problems.leftOut.filter { configured.contains($0.key) }
        defer { status.note(problems) }
        for inbox in settings.inboxes {
            let path = inbox.configuration.path
            let scanner = InboxScanner(inbox.configuration)
            let result: InboxScanner.Result
            do {
                result = try scanner.scan { heartbeat.beat() }
            } catch {
                note(unavailable: path, because: error)
                continue
            }
            if problems.unavailable.removeValue(forKey: path) != nil {
                logger.notice("The inbox \(path.escaped) can be read again.")
            }
            note(leftOut: result.leftOut, in: path)
            forgetMissing(in: path, present: Set(result.entries.map(\.path)))
            if !take(result.entries, scanner: scanner, inbox: inbox) { return }
        }
        if scansOnce {
            nextScan = .infinity
        } else {
            let interval = settings.configuration.service.rescanSeconds
            nextScan = Monotonic.now + (isPolling() ? min(interval, Self.pollingInterval) : interval)
        }
        hasUnfinishedJobs = true
    }

    /// Notes that an inbox cannot be scanned. The reason is logged once.
    private mutating func note(unavailable path: FilePath, because error: any Error) {
        let reason = "\(error)"
        if problems.unavailable.updateValue(reason, forKey: path) != reason { logger.error("\(reason)") }
        problems.leftOut[path] = nil
        // A single scan cannot wait for the inbox.
        if scansOnce { status.gaveUpFile() }
    }

    /// Notes the folders that a scan left out. Each is logged once.
    private mutating func note(leftOut: [FilePath: String], in inbox: FilePath) {
        let known = problems.leftOut[inbox] ?? [:]
        for (path, reason) in leftOut where known[path] != reason { logger.warning("\(reason)") }
        problems.leftOut[inbox] = leftOut.isEmpty ? nil : leftOut
    }

    /// Scans a folder that appeared.
    mutating func scan(below folder: FilePath) {
        for inbox in settings.current.inboxes where folder.starts(with: inbox.configuration.path) {
            let scanner = InboxScanner(inbox.configuration)
            let found = try? scanner.scan(below: folder) { heartbeat.beat() }
            if !take(found?.entries ?? [], scanner: scanner, inbox: inbox) { return }
        }
    }

    /// Examines one file of an inbox, and takes it when it has settled.
    mutating func examine(_ path: FilePath, _ arrival: InboxHints.Arrival) {
        guard !stop.isStopping else { return }
        heartbeat.beat()
        let owner = settings.current.inboxes
            .filter { path.starts(with: $0.configuration.path) }
            .max { $0.configuration.path.length < $1.configuration.path.length }
        guard let owner else {
            tracker.forget(path)
            return
        }
        let scanner = InboxScanner(owner.configuration)
        guard let entry = scanner.entry(at: path) else {
            tracker.forget(path)
            done[path] = nil
            ignored.remove(path)
            return
        }
        take(entry, arrival, scanner: scanner, inbox: owner)
    }

    /// Takes the files that a scan found. Returns false if the service was stopped before all of them were taken.
    private mutating func take(
        _ entries: [InboxScanner.Entry], scanner: InboxScanner, inbox: ServiceSettings.Inbox
    ) -> Bool {
        for entry in entries {
            if stop.isStopping { return false }
            heartbeat.beat()
            take(entry, .seen, scanner: scanner, inbox: inbox)
        }
        return true
    }

    /// Drops the records of files that no longer exist in an inbox.
    private mutating func forgetMissing(in inbox: FilePath, present: Set<FilePath>) {
        for path in done.keys where path.starts(with: inbox) && !present.contains(path) {
            done[path] = nil
            ignored.remove(path)
            tracker.forget(path)
        }
    }
}
