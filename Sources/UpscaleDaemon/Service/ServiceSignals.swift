import Glibc

/// The signals that the service handles: SIGTERM, SIGINT and SIGHUP, on its main thread only.
enum ServiceSignals {
    /// Blocks these signals in the main thread and in every thread that is started later; `next` receives them.
    static func block() {
        var signals = set
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
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
