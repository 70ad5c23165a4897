import Foundation
import NeuralNetwork

/// Prepares batches on a thread of its own, a few ahead of the training.
///
/// The content of a batch depends on the seed and the batch's number alone, so a resumed run sees the same data as one that
/// was never interrupted.
public final class BatchLoader: @unchecked Sendable {
    // Invariant: `state` is guarded by its own condition; nothing else changes.

    /// Low- and high-resolution patches of one step.
    public struct Pairs: Sendable {
        /// `[N, 3, H, W]`, values in [-1, 1].
        public let low: Batch
        /// `[N, 3, 4 H, 4 W]`, values in [-1, 1].
        public let high: Batch
    }

    private final class State: @unchecked Sendable {
        // Invariant: every variable is read and written under `condition`.
        let condition = NSCondition()
        var ready: [Pairs] = []
        var stopped = false
    }

    private let state = State()

    /// How many batches wait.
    private static let ahead = 3

    /// Starts to prepare batches from number `first` on.
    public init(
        _ dataset: PatchDataset, count: Int, crop: Int, seed: UInt64, first: Int, context: ComputeContext
    ) {
        let thread = Thread { [state] in
            var number = first
            while true {
                state.condition.lock()
                while state.ready.count >= Self.ahead, !state.stopped { state.condition.wait() }
                let stopped = state.stopped
                state.condition.unlock()
                if stopped { return }
                let pairs = Self.pairs(
                    dataset, count: count, crop: crop, seed: seed, number: number, context: context)
                state.condition.lock()
                state.ready.append(pairs)
                state.condition.broadcast()
                state.condition.unlock()
                number += 1
            }
        }
        thread.name = "batch loader"
        thread.start()
    }

    deinit {
        state.condition.lock()
        state.stopped = true
        state.condition.broadcast()
        state.condition.unlock()
    }

    /// The next batch; waits where it is not ready yet.
    public func next() -> Pairs {
        state.condition.lock()
        defer { state.condition.unlock() }
        while state.ready.isEmpty { state.condition.wait() }
        let pairs = state.ready.removeFirst()
        state.condition.broadcast()
        return pairs
    }

    /// A batch by its number.
    static func pairs(
        _ dataset: PatchDataset, count: Int, crop: Int, seed: UInt64, number: Int, context: ComputeContext
    ) -> Pairs {
        // An odd factor takes different numbers to different seeds.
        var random = SeededGenerator(seed: seed &+ (UInt64(bitPattern: Int64(number)) &+ 1) &* 0xD129_0D3B_3B3A_F0E5)
        let side = crop / PatchDataset.scale
        let low = Batch(context, count: count, channels: 3, height: side, width: side)
        let high = Batch(context, count: count, channels: 3, height: crop, width: crop)
        for sample in 0..<count { dataset.takePair(into: low, high, at: sample, random: &random) }
        return Pairs(low: low, high: high)
    }
}
