import CLinux
import Glibc
import LinuxSupport

/// Ends this process when its parent ends.
///
/// PR_SET_PDEATHSIG is not used: it kills a process as soon as the thread that started it ends, even if the parent
/// process continues.
enum ParentWatch {
    /// Starts a thread that waits for the parent's end. Before Linux 5.3, which introduced pidfds, this is not
    /// possible, and neither if the system has no thread left; the worker then ends when it next writes an event, because
    /// nothing reads its standard error after the parent's end.
    static func start() {
        let parent = getppid()
        let descriptor = clinux_pidfd_open(parent)
        guard descriptor >= 0 else { return }
        // The parent may have ended before the pidfd was opened, and its process id may belong to another process now.
        guard getppid() == parent else { _exit(75) }
        _ = try? NamedThread(name: "parent-watch") {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            while poll(&entry, 1, -1) < 1 {}
            _exit(75)
        }
    }
}
