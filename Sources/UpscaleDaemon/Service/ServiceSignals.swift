import Glibc
import ServiceConfiguration
import Synchronization

/// The signals that the service handles: SIGTERM, SIGINT and SIGHUP, on its main thread only.
enum ServiceSignals {
    /// Prepares the process for the time before `block`: SIGTERM and SIGINT end it at once with exit code 0, and SIGHUP
    /// waits. The checks of this time may hang, for example on a share that does not answer, and nothing has to be
    /// brought to an end yet.
    static func prepare() {
        // The constant must be initialised before the handler reads it.
        _ = ModelJudge.running.load(ordering: .relaxed)
        for number in [SIGTERM, SIGINT] {
            signal(number) { _ in
                let check = ModelJudge.running.load(ordering: .sequentiallyConsistent)
                if check > 0 { kill(-check, SIGKILL) }
                _exit(0)
            }
        }
        var (hangup, stops) = (set, sigset_t())
        sigemptyset(&stops)
        for number in [SIGTERM, SIGINT] {
            sigdelset(&hangup, number)
            sigaddset(&stops, number)
        }
        pthread_sigmask(SIG_BLOCK, &hangup, nil)
        // The parent process may have blocked the signals, and this process inherits that.
        pthread_sigmask(SIG_UNBLOCK, &stops, nil)
        // A write after the end of its reader, or beyond a limit of the file length (`ulimit -f`), is to fail with an
        // error that is handled where it occurs.
        for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
    }

    /// Blocks the signals in the main thread and in every thread that is started later; `next` receives them.
    static func block() {
        var signals = set
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        // The handlers of `prepare` must not run in a thread of a library that does not block the signals.
        for number in [SIGTERM, SIGINT] { signal(number, SIG_DFL) }
    }

    /// Waits for the next signal; nil when none came in time.
    static func next(within seconds: Double) -> Int32? {
        var signals = set
        var time = timespec(
            tv_sec: Int(seconds), tv_nsec: Int((seconds - seconds.rounded(.down)) * 1_000_000_000))
        let number = sigtimedwait(&signals, nil, &time)
        return number > 0 ? number : nil
    }

    private static var set: sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&signals, number) }
        return signals
    }
}
