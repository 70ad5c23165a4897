import Foundation
import NeuralNetwork
import Synchronization
import Testing

/// Threads without a tile take part in the loops of others.
@Suite("shared loops")
struct SharedLoopsTests {
    private struct Part {
        let rows: Range<Int>
        /// The thread that offered the rows, and the one that computed them.
        let owner: Int, thread: Int
    }

    /// Runs loops on some threads while the others help.
    ///
    /// - Parameter enough: Ends an owner's loops; receives their number so far and all parts.
    private static func run(
        threads: Int, owners: Int, rows: Range<Int>, unit: Int, until enough: @escaping @Sendable (Int, [Part]) -> Bool
    ) -> [Part] {
        let loops = SharedLoops(threads: threads)
        loops.begin(owners: owners)
        let parts = Mutex<[Part]>([])
        let ended = DispatchSemaphore(value: 0)
        for index in 0..<threads {
            let thread = Thread {
                var count = 0
                while index < owners, !enough(count, parts.withLock { $0 }) {
                    LoopSharer(loops, thread: index).run(rows, unit: unit) { rows, thread in
                        parts.withLock { $0.append(Part(rows: rows, owner: index, thread: thread)) }
                    }
                    count += 1
                }
                loops.help(as: index, wasOwner: index < owners)
                ended.signal()
            }
            thread.start()
        }
        for _ in 0..<threads { ended.wait() }
        return parts.withLock { $0 }
    }

    @Test("every row is computed once per loop, in parts that begin at the unit", arguments: [1, 2, 5], [1, 2])
    func rows(threads: Int, owners: Int) {
        let owners = min(threads, owners)
        let parts = Self.run(threads: threads, owners: owners, rows: 3..<100, unit: 8) { count, _ in count == 20 }
        var times = [Int](repeating: 0, count: 100)
        for part in parts { for row in part.rows { times[row] += 1 } }
        #expect(times == [0, 0, 0] + [Int](repeating: 20 * owners, count: 97))
        #expect(parts.allSatisfy { ($0.rows.lowerBound - 3) % 8 == 0 })
        // A thread alone computes all rows at once.
        if threads == 1 { #expect(parts.allSatisfy { $0.rows == 3..<100 }) }
    }

    @Test("threads without a tile help")
    func help() {
        let parts = Self.run(threads: 3, owners: 1, rows: 0..<64, unit: 1) { count, parts in
            count == 100_000 || parts.contains { $0.thread != $0.owner }
        }
        #expect(parts.contains { $0.thread != $0.owner })
    }

    @Test("an owner that runs no loop keeps nobody waiting")
    func noLoops() {
        #expect(Self.run(threads: 4, owners: 2, rows: 0..<10, unit: 1) { _, _ in true }.isEmpty)
    }
}
