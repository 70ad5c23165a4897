import CInotifyTools
import CLinux
import Glibc
import Logging
import Synchronization
import SystemPackage

/// Turns inotify events into hints.
///
/// libinotifytools keeps global state and returns pointers into a static buffer, so one thread owns it, asks for one
/// event at a time and copies it at once. Its recursive watch fails with ENOENT when a folder vanishes meanwhile; every
/// folder is watched by itself here. Where watching is impossible (no watches left, network file systems, which report
/// only what this machine does) the intake polls.
final class InboxWatcher: Sendable {
    /// Watches of a folder: a file that was closed after writing, renamed into place, linked, or a folder that
    /// appeared.
    private static let events =
        Int32(IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_MOVED_FROM | IN_DELETE_SELF | IN_MOVE_SELF)
        | Int32(bitPattern: UInt32(IN_ONLYDIR))

    private let settings: LiveSettings
    private let hints: InboxHints
    private let heartbeat: Heartbeat
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

    /// Whether some folder cannot be watched, so that the inboxes must be polled.
    var isPolling: Bool { polling.withLock { $0 } }

    /// Starts the thread and returns when every folder that exists now is watched.
    func start() -> ServiceThread {
        let ready = Monitor(false)
        let thread = ServiceThread(name: "inbox-watcher") { [self] in
            var watches = Watches(watcher: self)
            watches.rebuild()
            ready.change { $0 = true }
            watches.run()
        }
        _ = ready.wait(until: .infinity) { $0 ? true : nil }
        return thread
    }

    /// What the thread owns.
    private struct Watches {
        let watcher: InboxWatcher
        private var isInitialised = false
        private var generation = -1
        private var folders: [Int32: FilePath] = [:]
        private var descriptors: [FilePath: Int32] = [:]
        private var roots: [FilePath: FileStamp] = [:]
        private var warned: Set<String> = []

        init(watcher: InboxWatcher) {
            self.watcher = watcher
        }

        /// Watches all folders of all inboxes, from nothing.
        mutating func rebuild() {
            generation = watcher.settings.generation
            if isInitialised { inotifytools_cleanup() }
            isInitialised = inotifytools_initialize() != 0
            folders = [:]
            descriptors = [:]
            roots = [:]
            for inbox in watcher.settings.current.inboxes {
                let path = inbox.configuration.path
                roots[path] = FileStamp.of(path.resolvingExistingPart)?.stamp
            }
            watcher.polling.withLock { $0 = false }
            guard isInitialised else {
                poll("inotify cannot be used: \(Errno(rawValue: inotifytools_error()))")
                return
            }
            for inbox in watcher.settings.current.inboxes {
                let path = inbox.configuration.path
                if let name = NetworkFileSystem.name(of: path) {
                    poll("\(path.escaped) is on \(name), which does not report what other machines do")
                }
                let found = try? InboxScanner(inbox.configuration).scan { watcher.heartbeat.beat() }
                for folder in found?.folders ?? [] { watch(folder) }
            }
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
                    checkRoots()
                }
            }
            if isInitialised { inotifytools_cleanup() }
        }

        /// An inbox that was unmounted, mounted over or made anew is another folder under the same name.
        private mutating func checkRoots() {
            for inbox in watcher.settings.current.inboxes {
                let path = inbox.configuration.path
                let now = FileStamp.of(path.resolvingExistingPart)?.stamp
                if now?.inode != roots[path]?.inode {
                    watcher.logger.notice("The inbox \(path.escaped) is another folder now; it is looked through anew.")
                    rebuild()
                    watcher.hints.rescan()
                    return
                }
            }
        }

        private mutating func handle(watch: Int32, mask: UInt32, name: FilePath.Component?) {
            if mask & UInt32(IN_Q_OVERFLOW) != 0 {
                watcher.logger.info("More files arrived at once than inotify keeps; the inboxes are looked through.")
                watcher.hints.rescan()
                return
            }
            guard let folder = folders[watch] else { return }
            if mask & UInt32(IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF) != 0 {
                forget(folder)
                return
            }
            guard let name else { return }
            let path = folder.appending(name)
            if mask & UInt32(IN_ISDIR) != 0 {
                if mask & UInt32(IN_MOVED_FROM) != 0 { forget(path) }
                if mask & UInt32(IN_CREATE | IN_MOVED_TO) != 0 {
                    watchTree(path)
                    watcher.hints.folder(path)
                }
            } else if mask & UInt32(IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO) != 0 {
                let isClosed = mask & UInt32(IN_CLOSE_WRITE) != 0
                watcher.hints.file(
                    path, mask & UInt32(IN_MOVED_TO) != 0 ? .renamed : isClosed ? .closed : .seen)
            }
        }

        /// Watches a folder that appeared, with what is in it already; what came before the watch is found by the scan
        /// that follows.
        private mutating func watchTree(_ path: FilePath) {
            for inbox in watcher.settings.current.inboxes {
                let configuration = inbox.configuration
                guard configuration.recursive, path.starts(with: configuration.path) else { continue }
                let found = try? InboxScanner(configuration).scan(below: path) { watcher.heartbeat.beat() }
                for folder in found?.folders ?? [] where descriptors[folder] == nil { watch(folder) }
            }
        }

        private mutating func watch(_ folder: FilePath) {
            watcher.heartbeat.beat()
            guard folder.withPlatformString({ inotifytools_watch_file($0, InboxWatcher.events) }) != 0 else {
                let error = inotifytools_error()
                // A folder that is gone already needs no watch.
                guard error != ENOENT && error != ENOTDIR else { return }
                poll(
                    error == ENOSPC
                        ? "there are no inotify watches left (sysctl fs.inotify.max_user_watches)"
                        : "\(folder.escaped) cannot be watched: \(Errno(rawValue: error))")
                return
            }
            // The library knows folders by their names with a slash at the end.
            let name = folder.bytes + [UInt8(ascii: "/"), 0]
            let descriptor = name.withUnsafeBufferPointer {
                $0.withMemoryRebound(to: CChar.self) { inotifytools_wd_from_filename($0.baseAddress!) }
            }
            guard descriptor >= 0 else { return }
            folders[descriptor] = folder
            descriptors[folder] = descriptor
        }

        private mutating func forget(_ path: FilePath) {
            for (folder, descriptor) in descriptors where folder.starts(with: path) {
                inotifytools_remove_watch_by_wd(descriptor)
                folders[descriptor] = nil
                descriptors[folder] = nil
            }
        }

        private mutating func poll(_ why: String) {
            watcher.polling.withLock { $0 = true }
            if warned.insert(why).inserted {
                watcher.logger.warning("The inboxes are polled, since \(why).")
            }
        }

        private static func name(of event: UnsafeMutablePointer<inotify_event>) -> FilePath.Component? {
            let text = (UnsafeRawPointer(event) + MemoryLayout<inotify_event>.size).assumingMemoryBound(to: CChar.self)
            return FilePath.Component(platformString: text)
        }
    }
}

/// File systems whose changes by other machines no event reports.
enum NetworkFileSystem {
    private static let names: [UInt32: String] = [
        0x6969: "NFS", 0x517B: "SMB", 0xFF53_4D42: "CIFS", 0xFE53_4D42: "SMB", 0x6573_5546: "FUSE", 0x0102_1997: "9P",
        0x00C3_6400: "Ceph", 0x5346_414F: "AFS",
    ]

    /// The file system's name; nil for a local one.
    static func name(of path: FilePath) -> String? {
        names[path.withPlatformString { clinux_file_system_type($0) }]
    }
}
