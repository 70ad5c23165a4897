import Glibc

/// The time of a clock that cannot be set, in seconds.
public enum Monotonic {
    /// Seconds since some moment before the program's start.
    public static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
