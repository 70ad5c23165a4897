import CLinux
import Glibc
import LinuxSupport

/// Ends this process when its parent does.
///
/// Not PR_SET_PDEATHSIG: that is tied to the thread that started the worker, and the daemon's threads come and go.
enum ParentWatch {
    /// Starts to watch; without pidfds (before Linux 5.3) nothing is watched, and a closed standard error ends the worker.
    static func start() {
        let parent = getppid()
        let descriptor = clinux_pidfd_open(parent)
        guard descriptor >= 0 else { return }
        // It may have ended before it was opened, and its number belong to another by now.
        guard getppid() == parent else { _exit(75) }
        NamedThread(name: "parent-watch") {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            while poll(&entry, 1, -1) < 1 {}
            _exit(75)
        }
    }
}
