import Foundation
import Glibc
import Synchronization

/// Ends the process with exit code 79 if one image takes more than half a minute. It uses a thread, because the sandbox has
/// no timers.
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

    /// Reports that the next image begins.
    func beat() { beats.add(1, ordering: .relaxed) }
}
