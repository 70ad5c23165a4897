import Glibc
import SystemPackage

/// Removes a temporary file when a signal ends the process.
enum InterruptCleanup {
    // The file to remove, as a C string: a signal handler may only make system calls, so it cannot use `FilePath`.
    // Invariant: the path is set and cleared only on the main thread, and its memory is never freed, because a handler
    // might be reading it.
    nonisolated(unsafe) private static var path: UnsafeMutablePointer<CChar>?

    /// Registers a file to remove. Only one file can be registered at a time.
    static func removeOnSignal(_ file: FilePath) {
        path = file.withPlatformString { strdup($0) }
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { number in
                if let path = InterruptCleanup.path { unlink(path) }
                _exit(128 + number)
            }
        }
    }

    /// Unregisters the file, after it has been renamed or removed.
    static func forget() {
        path = nil
    }
}
