import Foundation
import Glibc
import Synchronization

/// Ends the process with exit code 79 when nothing was done for half a minute. A thread, because the cage has no timers.
final class Watchdog: Sendable {
    private let beats = Atomic<Int>(0)

    init() {
        let thread = Thread { [self] in
            var (last, seconds) = (0, 0)
            while true {
                poll(nil, 0, 1000)
                let now = beats.load(ordering: .relaxed)
                seconds = now == last ? seconds + 1 : 0
                last = now
                if seconds >= 30 { _exit(79) }
            }
        }
        thread.start()
    }

    /// Something new begins.
    func beat() { beats.add(1, ordering: .relaxed) }
}
