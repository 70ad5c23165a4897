import LinuxSupport
import SystemPackage

/// What the watcher, a person or a reload tell the intake: hints only, the scan is the truth.
final class InboxHints: Sendable {
    /// How a file came to be seen; a later case tells more.
    enum Arrival: Int, Sendable {
        /// It is there; somebody may still write it.
        case seen
        /// Whoever wrote it closed it.
        case closed
        /// It was renamed into place: whoever did that had finished writing.
        case renamed
    }

    /// What arrived since the last look.
    struct Batch {
        /// Files that may be new.
        var files: [FilePath: Arrival] = [:]
        /// Folders that appeared.
        var folders: Set<FilePath> = []
        /// Look through everything.
        var rescan = false

        var isEmpty: Bool { files.isEmpty && folders.isEmpty && !rescan }
    }

    private static let most = 10_000
    private let batch = Monitor(Batch())

    /// A file was closed after writing, linked, or renamed into place.
    func file(_ path: FilePath, _ arrival: Arrival) {
        batch.change {
            if $0.files.count >= Self.most {
                // A scan is cheaper now. Files that were renamed into place then wait until they have settled.
                $0.files = [:]
                $0.rescan = true
            }
            if arrival.rawValue >= $0.files[path]?.rawValue ?? 0 { $0.files[path] = arrival }
        }
    }

    /// A folder appeared, perhaps with files in it.
    func folder(_ path: FilePath) { batch.change { _ = $0.folders.insert(path) } }

    /// Events were lost, or somebody asked.
    func rescan() { batch.change { $0.rescan = true } }

    /// Waits for hints until a time; empty when none came.
    func take(until deadline: Double) -> Batch {
        batch.wait(until: deadline) { batch in
            guard !batch.isEmpty else { return nil }
            defer { batch = Batch() }
            return batch
        } ?? Batch()
    }
}
