import Foundation

/// A pool of dedicated threads that run the work items of one computation at a time.
///
/// Results do not depend on the number of threads: callers divide the work into the same items for any thread count,
/// each item writes to its own memory, and sums over items are taken afterwards in order.
public final class ThreadPool: @unchecked Sendable {
    // Invariant: the variables in `state` are guarded by its condition; all other properties are constant.

    private final class State: @unchecked Sendable {
        // Invariant: every variable is read and written while `condition` is locked.
        /// Signals new work, the end of the work, and the end of the pool.
        let condition = SpinningCondition()
        var body: ((Int, Int) -> Void)?
        /// Each thread's share: a range of items that are assigned to the thread and not yet taken.
        var shares: [Range<Int>]
        var unfinished = 0
        var stopped = false

        init(threads: Int) {
            shares = [Range<Int>](repeating: 0..<0, count: threads)
        }

        /// Runs the remaining items; call with the condition locked.
        func work(as worker: Int) {
            while let body, let item = takeItem(as: worker) {
                condition.unlock()
                body(item, worker)
                condition.lock()
                unfinished -= 1
                if unfinished == 0 { condition.signal() }
            }
        }

        /// Takes the next item of the thread's own share or, if that is empty, the last item of the largest share. A
        /// thread mostly runs its own share because neighbouring items use the same memory.
        private func takeItem(as worker: Int) -> Int? {
            if let item = shares[worker].first {
                shares[worker] = item + 1..<shares[worker].upperBound
                return item
            }
            let largest = shares.indices.max { shares[$0].count < shares[$1].count } ?? worker
            guard let item = shares[largest].last else { return nil }
            shares[largest] = shares[largest].lowerBound..<item
            return item
        }
    }

    /// The number of compute threads, including the calling thread.
    public let count: Int

    private let state: State

    /// Starts `count - 1` threads; the thread that calls `run` also runs work items.
    public init(count: Int) {
        precondition(count > 0, "at least one thread is required")
        self.count = count
        state = State(threads: count)
        for worker in 1..<max(1, count) {
            let thread = Thread { [state] in
                state.condition.lock()
                while !state.stopped {
                    state.work(as: worker)
                    if !state.stopped { state.condition.wait() }
                }
                state.condition.unlock()
            }
            thread.name = "compute \(worker)"
            thread.stackSize = 4 << 20
            thread.start()
        }
    }

    deinit {
        state.condition.lock()
        state.stopped = true
        state.condition.signal()
        state.condition.unlock()
    }

    /// Calls `body` once for each item, in parallel, and returns after the last call.
    ///
    /// - Parameters:
    ///   - items: The number of items.
    ///   - body: Receives the item and a thread index below `count`. It must not call `run`, and calls for different
    ///     items must not write to the same memory.
    public func run(_ items: Int, _ body: (_ item: Int, _ worker: Int) -> Void) {
        guard items > 1, count > 1 else {
            for item in 0..<items { body(item, 0) }
            return
        }
        withoutActuallyEscaping(body) { body in
            state.condition.lock()
            precondition(state.body == nil, "the pool runs one computation at a time")
            state.body = body
            state.shares = (0..<count).map { $0 * items / count..<($0 + 1) * items / count }
            state.unfinished = items
            state.condition.signal()
            state.work(as: 0)
            while state.unfinished > 0 { state.condition.wait() }
            state.body = nil
            state.condition.unlock()
        }
    }
}
