import LinuxSupport
import Synchronization

/// Work on many items of a list, on several threads.
enum ConcurrentItems {
    /// Makes a value for each index on several threads.
    ///
    /// - Parameters:
    ///   - report: Called with the numbers of finished and of all items: first with 0, then after each item, with
    ///     growing numbers, from any thread.
    /// - Returns: The values in the order of the indices.
    static func map<Value: Sendable>(
        _ count: Int, threads: Int, report: @escaping @Sendable (Int, Int) -> Void,
        _ make: @escaping @Sendable (Int) -> Value
    ) -> [Value] {
        report(0, count)
        let next = Mutex(0)
        let done = Mutex(0)
        let values = Mutex([Value?](repeating: nil, count: count))
        let work = { @Sendable in
            while true {
                let number = next.withLock { number in
                    defer { number += 1 }
                    return number
                }
                guard number < count else { return }
                let value = make(number)
                values.withLock { $0[number] = value }
                // The lock is held during the report, so that the numbers are reported in order.
                done.withLock { done in
                    done += 1
                    report(done, count)
                }
            }
        }
        // The calling thread does the work if the system has no other thread.
        let workers = (try? NamedThread.start(min(threads, count), name: "images", body: work)) ?? []
        if workers.isEmpty { work() }
        for worker in workers { worker.join() }
        return values.withLock { $0.map { $0! } }
    }
}
