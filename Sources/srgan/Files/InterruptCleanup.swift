import Glibc
import SystemPackage

/// Removes a temporary file when the process is told to end by signal.
enum InterruptCleanup {
    // Read by the signal handler, which may do nothing but system calls. Invariant: set and cleared on the main thread
    // only; the memory is never freed while a handler might read it.
    nonisolated(unsafe) private static var path: UnsafeMutablePointer<CChar>?

    /// Registers the file; one at a time.
    static func removeOnSignal(_ file: FilePath) {
        path = file.withPlatformString { strdup($0) }
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { number in
                if let path = InterruptCleanup.path { unlink(path) }
                _exit(128 + number)
            }
        }
    }

    /// The file has its final name or is gone.
    static func forget() {
        path = nil
    }
}
