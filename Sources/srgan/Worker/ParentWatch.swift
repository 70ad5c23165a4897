import CLinux
import Glibc
import LinuxSupport

/// Ends this process when its parent ends.
///
/// PR_SET_PDEATHSIG does not work here: it is tied to the thread that started the worker, and the daemon's threads are
/// short-lived.
enum ParentWatch {
    /// Starts watching. Without pidfds (before Linux 5.3) the parent is not watched, and a closed standard error ends the
    /// worker.
    static func start() {
        let parent = getppid()
        let descriptor = clinux_pidfd_open(parent)
        guard descriptor >= 0 else { return }
        // The parent may have ended before the call, and its number may belong to another process now.
        guard getppid() == parent else { _exit(75) }
        NamedThread(name: "parent-watch") {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            while poll(&entry, 1, -1) < 1 {}
            _exit(75)
        }
    }
}
