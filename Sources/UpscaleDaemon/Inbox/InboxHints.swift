import LinuxSupport
import SystemPackage

/// Collects hints for the inbox monitor: files and folders that may be new. `InboxWatcher`, `srgan-jobs rescan` and a
/// reload of the configuration add hints. Hints only save time: without them, the next scan finds the same files.
final class InboxHints: Sendable {
    /// How a file was noticed.
    enum Arrival: Sendable {
        /// The file exists. No event tells whether a program still writes it.
        case seen
        /// The file was created or linked. A program that creates a file has it open.
        case created
        /// The file was closed after writing.
        case closed
        /// The file was renamed into place, so it is complete.
        case renamed
    }

    /// The hints since the last call of `take`.
    struct Batch {
        /// Files that may be new.
        var files: [FilePath: Arrival] = [:]
        /// Folders that appeared.
        var folders: Set<FilePath> = []
        /// True to scan all inboxes.
        var rescan = false

        var isEmpty: Bool { files.isEmpty && folders.isEmpty && !rescan }
    }

    /// The most files in a batch. For more files, one scan of all inboxes costs less.
    private static let most = 10_000
    private let batch = Monitor(Batch())

    /// Adds a file that was created, linked, closed after writing, or renamed into place. The last event of a file
    /// counts.
    func file(_ path: FilePath, _ arrival: Arrival) {
        batch.change {
            if $0.files.count >= Self.most {
                // The scan cannot know which files were renamed into place, so these files must stay unchanged for the
                // settle time like all others.
                $0.files = [:]
                $0.rescan = true
            }
            $0.files[path] = arrival
        }
    }

    /// Adds a folder that appeared, perhaps with files in it.
    func folder(_ path: FilePath) { batch.change { _ = $0.folders.insert(path) } }

    /// Asks for a scan of all inboxes: after lost events, for `srgan-jobs rescan`, or after a reload.
    func rescan() { batch.change { $0.rescan = true } }

    /// Waits for hints until the deadline, and removes them from this object. Returns an empty batch if none came.
    func take(until deadline: Double) -> Batch {
        batch.wait(until: deadline) { batch in
            guard !batch.isEmpty else { return nil }
            defer { batch = Batch() }
            return batch
        } ?? Batch()
    }
}
