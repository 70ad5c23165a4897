import LinuxSupport
import SystemPackage

/// Hints from the watcher, a person or a reload to the inbox monitor. They only save time: a scan finds every file.
final class InboxHints: Sendable {
    /// How a file was noticed; a later case says more about it.
    enum Arrival: Int, Sendable {
        /// It exists. It may still be written.
        case seen
        /// It was closed after writing.
        case closed
        /// It was renamed into place, so it is complete.
        case renamed
    }

    /// The hints since the last call of `take`.
    struct Batch {
        /// Files that may be new.
        var files: [FilePath: Arrival] = [:]
        /// Folders that appeared.
        var folders: Set<FilePath> = []
        /// Scan all inboxes.
        var rescan = false

        var isEmpty: Bool { files.isEmpty && folders.isEmpty && !rescan }
    }

    /// With more files than this a scan is cheaper.
    private static let most = 10_000
    private let batch = Monitor(Batch())

    /// A file was closed after writing, linked, or renamed into place.
    func file(_ path: FilePath, _ arrival: Arrival) {
        batch.change {
            if $0.files.count >= Self.most {
                // Files that were renamed into place then wait until they have settled.
                $0.files = [:]
                $0.rescan = true
            }
            if arrival.rawValue >= $0.files[path]?.rawValue ?? 0 { $0.files[path] = arrival }
        }
    }

    /// A folder appeared, perhaps with files in it.
    func folder(_ path: FilePath) { batch.change { _ = $0.folders.insert(path) } }

    /// Events were lost, or a person or a reload asked for a scan.
    func rescan() { batch.change { $0.rescan = true } }

    /// Waits for hints until a time; returns an empty batch when none came.
    func take(until deadline: Double) -> Batch {
        batch.wait(until: deadline) { batch in
            guard !batch.isEmpty else { return nil }
            defer { batch = Batch() }
            return batch
        } ?? Batch()
    }
}
