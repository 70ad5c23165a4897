import CKernels
import Foundation
import Synchronization

/// Threads of our own that share the parts of one computation at a time.
///
/// What is computed does not depend on their number: a caller cuts its work into the same items whatever it is, each item
/// writes to its own place, and sums over items are taken afterwards, in order.
public final class ThreadPool: @unchecked Sendable {
    // Invariant: `state` is guarded by its own condition; nothing else changes.

    private final class State: @unchecked Sendable {
        // Invariant: every variable is read and written under `condition`; `signals` only tells when to look.
        let condition = NSCondition()
        /// How often something has happened that a thread may wait for.
        let signals = Atomic<Int>(0)
        var body: ((Int, Int) -> Void)?
        /// What each thread has left of the current computation.
        var shares: [Range<Int>]
        var unfinished = 0
        var stopped = false

        init(threads: Int) {
            shares = [Range<Int>](repeating: 0..<0, count: threads)
        }

        /// Works on what is left of the current computation; to be called with the condition locked.
        func work(as worker: Int) {
            while let body, let item = takeItem(as: worker) {
                condition.unlock()
                body(item, worker)
                condition.lock()
                unfinished -= 1
                if unfinished == 0 { signal() }
            }
        }

        /// Neighbouring items share memory, so a thread goes through a share of its own; then it takes from the end of the largest
        /// one left.
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

        /// Wakes those who wait; to be called with the condition locked.
        func signal() {
            signals.add(1, ordering: .relaxed)
            condition.broadcast()
        }

        /// Waits for the next signal; to be called with the condition locked. A training's computations follow each other at
        /// once, hundreds a step, and many take less than a millisecond: a thread first looks for some time, because to be
        /// put to sleep and woken takes as long as a tenth of that.
        func wait() {
            let seen = signals.load(ordering: .relaxed)
            condition.unlock()
            var looks = 0
            while looks < ThreadPool.looks, signals.load(ordering: .relaxed) == seen {
                ck_pause()
                looks += 1
            }
            condition.lock()
            if signals.load(ordering: .relaxed) == seen { condition.wait() }
        }
    }

    /// How often a thread looks before it sleeps: some 50 microseconds.
    private static let looks = 1000

    /// How many threads compute, the caller's own included.
    public let count: Int

    private let state: State

    /// Starts threads; the caller of `run` is one more.
    public init(count: Int) {
        precondition(count > 0, "at least one thread computes")
        self.count = count
        state = State(threads: count)
        for worker in 1..<max(1, count) {
            let thread = Thread { [state] in
                state.condition.lock()
                while !state.stopped {
                    state.work(as: worker)
                    if !state.stopped { state.wait() }
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
        state.signal()
        state.condition.unlock()
    }

    /// Calls `body` once for each item, on all threads at once, and returns when all calls have.
    ///
    /// - Parameters:
    ///   - items: How many items there are.
    ///   - body: Gets the item and the thread's number below `count`. It must not call `run`, and calls for different items
    ///     must not write to the same place.
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
            state.signal()
            state.work(as: 0)
            while state.unfinished > 0 { state.wait() }
            state.body = nil
            state.condition.unlock()
        }
    }
}
