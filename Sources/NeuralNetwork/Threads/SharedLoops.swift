/// Lets threads that have no tile help the threads that compute one.
///
/// A thread that computes a tile runs each layer as a loop over rows, and offers the rows to the threads in `help`. All
/// of them take parts of the rows until none is left. Who computes a row does not affect its values, because all parts
/// begin at multiples of the loop's unit, and each thread has its own scratch memory. While no thread helps, the owner
/// of the tile computes all rows at once.
public final class SharedLoops: @unchecked Sendable {
    // Invariant: every variable is read and written while `condition` is locked.

    private final class Loop {
        /// nil after the loop's end.
        var body: ((Range<Int>, Int) -> Void)?
        let unit: Int
        var remaining: Range<Int>
        /// The number of parts that threads compute now.
        var running = 0

        init(_ range: Range<Int>, unit: Int, body: @escaping (Range<Int>, Int) -> Void) {
            (remaining, self.unit, self.body) = (range, unit, body)
        }
    }

    /// The number of threads.
    public let threads: Int

    /// Signals new loops, the end of a loop's last part, and the end of the last owner's work.
    private let condition = SpinningCondition()
    private var loops: [Loop] = []
    private var helpers = 0
    /// The number of threads that may still offer loops.
    private var owners = 0

    /// - Parameter threads: The number of threads. Each has an index below this number.
    public init(threads: Int) {
        precondition(threads > 0, "at least one thread is required")
        self.threads = threads
    }

    /// Begins an image; call before the threads start.
    ///
    /// - Parameter owners: The number of threads that compute tiles of their own until they call `help`.
    public func begin(owners: Int) {
        precondition((1...threads).contains(owners))
        condition.lock()
        self.owners = owners
        condition.unlock()
    }

    /// Removes owners that could not be started.
    ///
    /// - Parameter owners: The number of threads that `begin` counted and that will not call `help`.
    public func remove(owners: Int) {
        condition.lock()
        self.owners -= owners
        if self.owners == 0 { condition.signal() }
        condition.unlock()
    }

    /// Calls `body` for parts of a range, on the calling thread and on those that help, and returns after the last call.
    ///
    /// - Parameters:
    ///   - unit: Each part begins at a multiple of this number from the start of the range.
    ///   - thread: The index of the calling thread.
    ///   - body: Receives a part and the index of the thread that computes it. Calls for different parts must not write
    ///     to the same memory.
    public func run(_ range: Range<Int>, unit: Int, as thread: Int, _ body: (Range<Int>, _ thread: Int) -> Void) {
        guard threads > 1 else { return body(range, thread) }
        condition.lock()
        guard helpers > 0, range.count > unit else {
            condition.unlock()
            return body(range, thread)
        }
        withoutActuallyEscaping(body) { body in
            let loop = Loop(range, unit: unit, body: body)
            loops.append(loop)
            condition.signal()
            work(on: loop, as: thread)
            while loop.running > 0 { condition.wait() }
            loops.removeAll { $0 === loop }
            loop.body = nil
            condition.unlock()
        }
    }

    /// Helps until no thread computes a tile. Every owner calls this after its last tile.
    ///
    /// - Parameters:
    ///   - thread: The index of the calling thread.
    ///   - wasOwner: Whether the thread is one of those that `begin` counted.
    public func help(as thread: Int, wasOwner: Bool) {
        condition.lock()
        defer { condition.unlock() }
        if wasOwner {
            owners -= 1
            if owners == 0 { condition.signal() }
        }
        helpers += 1
        while owners > 0 {
            if let loop = loops.max(by: { $0.remaining.count < $1.remaining.count }), !loop.remaining.isEmpty {
                work(on: loop, as: thread)
            } else {
                condition.wait()
            }
        }
        helpers -= 1
    }

    /// Computes parts until none is left; call with the condition locked.
    private func work(on loop: Loop, as thread: Int) {
        while let part = takePart(of: loop) {
            loop.running += 1
            condition.unlock()
            loop.body?(part, thread)
            condition.lock()
            loop.running -= 1
        }
        if loop.running == 0 { condition.signal() }
    }

    /// Takes half of what would be a thread's equal share of the rest, so that all threads end at about the same time.
    private func takePart(of loop: Loop) -> Range<Int>? {
        guard let start = loop.remaining.first else { return nil }
        let sharers = 1 + (helpers + owners - 1) / max(1, owners)
        let units = (loop.remaining.count + loop.unit - 1) / loop.unit
        let count = max(1, units / (2 * sharers)) * loop.unit
        let part = start..<min(start + count, loop.remaining.upperBound)
        loop.remaining = part.upperBound..<loop.remaining.upperBound
        return part
    }
}
