import Glibc

/// A value that threads share, with a mutex and a condition variable, so that threads can wait for its changes.
///
/// Use `Synchronization.Mutex` for a value that no thread waits for. Foundation's `NSCondition` is no alternative,
/// because its timeouts use the wall clock, which can be set.
public final class Monitor<State>: @unchecked Sendable {
    // Invariant: `state` is read and written only while `mutex` is held.
    private var state: State
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    /// Makes a monitor of a value.
    public init(_ state: State) {
        self.state = state
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Reads or writes the state.
    public func withLock<Result>(_ body: (inout State) throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state)
    }

    /// Writes the state and wakes all threads that wait.
    public func change<Result>(_ body: (inout State) throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer {
            pthread_cond_broadcast(condition)
            pthread_mutex_unlock(mutex)
        }
        return try body(&state)
    }

    /// Waits until `body` returns a value or the deadline has passed. At the deadline, `body` is called one last time.
    ///
    /// - deadline: seconds of `Monotonic`; may be infinite.
    public func wait<Result>(until deadline: Double, for body: (inout State) -> Result?) -> Result? {
        // A timespec cannot hold an infinite time; 1e9 seconds are 31 years.
        let deadline = min(deadline, Monotonic.now + 1e9)
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&state) { return result }
            var time = timespec(
                tv_sec: Int(deadline), tv_nsec: Int((deadline - deadline.rounded(.down)) * 1_000_000_000))
            if pthread_cond_timedwait(condition, mutex, &time) == ETIMEDOUT { return body(&state) }
        }
    }
}
