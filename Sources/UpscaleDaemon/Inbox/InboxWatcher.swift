import CInotifyTools
import CLinux
import Glibc
import LinuxSupport
import Logging
import QueueControl
import ServiceConfiguration
import Synchronization
import SystemPackage

/// Watches the inboxes with inotify, and passes each event to the inbox monitor as a hint (`InboxHints`).
///
/// libinotifytools keeps global state and returns pointers into a static buffer. Therefore only one thread calls the
/// library; the thread reads one event at a time and copies it at once.
///
/// The library's recursive watch fails with ENOENT if a folder vanishes while the watches are added, so this class
/// watches each folder separately. This class never asks the library to remove a watch: if the kernel has already
/// removed the watch, the library prints the folder's name unescaped and keeps its entry for the watch.
///
/// If a folder cannot be watched, the inbox monitor polls the inboxes. This happens when the kernel has no watches
/// left, and on a network file system, where inotify reports only the changes that this machine makes.
final class InboxWatcher: Sendable {
    /// The events to report for a watched folder: a file was created, linked, closed after writing or renamed into
    /// place; a folder appeared; the watched folder itself moved.
    private static let events =
        Int32(IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_MOVE_SELF) | Int32(bitPattern: UInt32(IN_ONLYDIR))
    /// After this many added watches all watches are rebuilt, because the library keeps its entries for watches that no
    /// longer exist.
    private static let mostAdditions = 10_000

    private let settings: LiveSettings
    private let hints: InboxHints
    let heartbeat: Heartbeat
    private let stop: StopSignal
    private let logger: Logger
    private let polling = Mutex(false)

    init(settings: LiveSettings, hints: InboxHints, heartbeat: Heartbeat, stop: StopSignal, logger: Logger) {
        self.settings = settings
        self.hints = hints
        self.heartbeat = heartbeat
        self.stop = stop
        self.logger = logger
    }

    /// True when some folder cannot be watched, so that the inboxes must be polled.
    var isPolling: Bool { polling.withLock { $0 } }

    /// Starts the thread and returns when every folder that exists now is watched.
    ///
    /// - Throws: `Errno` if the thread cannot be started.
    func start() throws(Errno) -> NamedThread {
        let ready = Monitor(false)
        let thread = try NamedThread(name: "inbox-watcher") { [self] in
            var watches = Watches(watcher: self)
            watches.rebuild()
            ready.change { $0 = true }
            watches.run()
        }
        _ = ready.wait(until: .infinity) { $0 ? true : nil }
        return thread
    }

    /// The watches and the other state of the thread that reads the events.
    private struct Watches {
        let watcher: InboxWatcher
        private var isInitialised = false
        private var generation = -1
        /// The inode of each inbox whose watch the kernel has not removed.
        private var roots: [FilePath: UInt64] = [:]
        /// True when some folders may have no watch, or only a watch under an old name.
        private var isStale = false
        /// Watches added since the last rebuild.
        private var additions = 0
        private var warned: Set<String> = []

        init(watcher: InboxWatcher) {
            self.watcher = watcher
        }

        /// Removes all watches and adds new ones for all folders of all inboxes.
        mutating func rebuild() {
            generation = watcher.settings.generation
            if isInitialised { inotifytools_cleanup() }
            isInitialised = inotifytools_initialize() != 0
            roots = [:]
            for inbox in watcher.settings.current.inboxes {
                let path = inbox.configuration.path
                roots[path] = Self.inode(of: inbox.configuration)
            }
            isStale = false
            watcher.polling.withLock { $0 = false }
            guard isInitialised else {
                poll("inotify cannot be used: \(Errno(rawValue: inotifytools_error()))")
                return
            }
            // Drop the events that the library read before the rebuild: their watch numbers now belong to other
            // folders.
            while inotifytools_next_events(0, 1) != nil {}
            for inbox in watcher.settings.current.inboxes {
                let path = inbox.configuration.path
                if let name = NetworkFileSystem.name(of: path) {
                    poll("\(path.escaped) is on \(name), which does not report what other machines do")
                }
            }
            watchTree()
            additions = 0
        }

        mutating func run() {
            var nextCheck = Monotonic.now + 5
            while !watcher.stop.isStopping {
                watcher.heartbeat.beat()
                if isInitialised {
                    if let event = inotifytools_next_event(1) {
                        handle(
                            watch: event.pointee.wd, mask: event.pointee.mask,
                            name: event.pointee.len > 0 ? Self.name(of: event) : nil)
                    }
                } else {
                    _ = watcher.stop.wait(seconds: 1)
                }
                if generation != watcher.settings.generation {
                    rebuild()
                    watcher.hints.rescan()
                } else if Monotonic.now >= nextCheck {
                    nextCheck = Monotonic.now + 5
                    check()
                }
            }
            if isInitialised { inotifytools_cleanup() }
        }

        /// Rebuilds all watches if some may be missing.
        private mutating func check() {
            for inbox in watcher.settings.current.inboxes {
                let path = inbox.configuration.path
                // A different inode means that the inbox was unmounted, hidden by a mount, or removed and created
                // again.
                if Self.inode(of: inbox.configuration) != roots[path] {
                    watcher.logger.notice("The inbox \(path.escaped) is a different folder now; scanning all inboxes.")
                    isStale = true
                }
            }
            guard isStale || additions > InboxWatcher.mostAdditions else { return }
            rebuild()
            watcher.hints.rescan()
        }

        private mutating func handle(watch: Int32, mask: UInt32, name: FilePath.Component?) {
            if mask & UInt32(IN_Q_OVERFLOW) != 0 {
                watcher.logger.info("The inotify event queue overflowed; scanning the inboxes.")
                // Folders may have appeared without an event; they are not watched yet.
                isStale = true
                watcher.hints.rescan()
                return
            }
            // Find the folder by the watch's number. The library can also search by name, but then it finds only the
            // first watch of a folder that was removed and created again, and no watch of a symbolic link.
            guard let text = inotifytools_filename_from_wd(watch), text.pointee != 0 else { return }
            let folder = FilePath(platformString: text)
            // A folder that moved is still watched under its old name. After an unmount, the folder that the mount had
            // hidden is not watched.
            if mask & UInt32(IN_MOVE_SELF | IN_UNMOUNT) != 0 { isStale = true }
            // IN_IGNORED reports that the kernel removed the watch. If the folder is an inbox, no event reports when it
            // is created again, perhaps with the same inode. So forget the old inode: `check` then notices the new
            // folder.
            if mask & UInt32(IN_IGNORED) != 0 { roots[folder] = nil }
            guard let name else { return }
            let path = folder.appending(name)
            if mask & UInt32(IN_ISDIR) != 0 {
                watchTree(path)
                watcher.hints.folder(path)
            } else if mask & UInt32(IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO) != 0 {
                let isClosed = mask & UInt32(IN_CLOSE_WRITE) != 0
                watcher.hints.file(
                    path, mask & UInt32(IN_MOVED_TO) != 0 ? .renamed : isClosed ? .closed : .created)
            }
        }

        /// Watches a folder that appeared, or all inboxes if `path` is nil, together with all subfolders. Each folder
        /// is watched before its entries are read. The monitor's next scan finds files that arrived before the watch.
        private mutating func watchTree(_ path: FilePath? = nil) {
            let heartbeat = watcher.heartbeat
            for inbox in watcher.settings.current.inboxes {
                _ = try? InboxScanner(inbox.configuration).scan(below: path) {
                    heartbeat.beat()
                } onFolder: { folder in
                    watch(folder)
                }
            }
        }

        private mutating func watch(_ folder: FilePath) {
            watcher.heartbeat.beat()
            additions += 1
            // An inbox may be a symbolic link, a subfolder not: somebody may replace it by a link after the scan. A link
            // higher up is still followed, but events are only hints: the scan that follows opens every folder without
            // following a link, so it finds nothing there.
            let isRoot = roots[folder] != nil
            let events = isRoot ? InboxWatcher.events : InboxWatcher.events | Int32(IN_DONT_FOLLOW)
            if folder.withPlatformString({ inotifytools_watch_file($0, events) }) == 0 {
                let error = inotifytools_error()
                // A folder that is already gone, or is a link now, needs no watch.
                guard error != ENOENT && error != ENOTDIR && error != ELOOP else { return }
                poll(
                    error == ENOSPC
                        ? "there are no inotify watches left (sysctl fs.inotify.max_user_watches)"
                        : "\(folder.escaped) cannot be watched: \(Errno(rawValue: error))")
            }
        }

        private mutating func poll(_ why: String) {
            watcher.polling.withLock { $0 = true }
            if warned.insert(why).inserted {
                watcher.logger.warning("The inboxes are polled, because \(why).")
            }
        }

        /// Nil while the inbox is unavailable, for example because its marker is missing: it is watched as soon as that
        /// changes.
        private static func inode(of inbox: InboxConfiguration) -> UInt64? {
            guard (try? inbox.openFolder()) != nil else { return nil }
            return FileStamp.of(inbox.path.resolvingExistingPart)?.stamp.inode
        }

        private static func name(of event: UnsafeMutablePointer<inotify_event>) -> FilePath.Component? {
            let text = (UnsafeRawPointer(event) + MemoryLayout<inotify_event>.size).assumingMemoryBound(to: CChar.self)
            return FilePath.Component(platformString: text)
        }
    }
}
