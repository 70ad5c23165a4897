import Imaging
import LinuxSupport
import NeuralNetwork

/// Prepares batches on a separate thread, a few steps ahead of the training.
///
/// The content of a batch depends only on the seed and the batch's index, so a resumed run sees the same data as an
/// uninterrupted run.
public final class BatchLoader: Sendable {
    /// The low- and high-resolution patches of one step.
    public struct Pairs: Sendable {
        /// `[N, 3, H, W]`, values in [-1, 1].
        public let low: Batch
        /// `[N, 3, 4 H, 4 W]`, values in [-1, 1].
        public let high: Batch
    }

    private struct State {
        var ready: [Pairs] = []
        var failure: TrainingError?
        var stopped = false
    }

    private let state = Monitor(State())

    /// The number of batches to prepare ahead.
    private static let ahead = 3

    /// Starts preparing batches, beginning with the batch index `first`.
    public init(
        _ dataset: PatchDataset, count: Int, crop: Int, seed: UInt64, first: Int, context: ComputeContext
    ) {
        do {
            try NamedThread(name: "batch loader") { [state] in
                Self.prepare(
                    state, from: first,
                    { number throws(TrainingError) in
                        try Self.pairs(
                            dataset, count: count, crop: crop, seed: seed, number: number, context: context)
                    })
                if dataset.degradation != nil { ImageReader.endThread() }
            }
        } catch {
            state.change { $0.failure = TrainingError(.shortage, "No thread can be started: \(error).") }
        }
    }

    /// Prepares batches until the loader is deallocated or a batch fails.
    private static func prepare(
        _ state: Monitor<State>, from first: Int, _ make: (Int) throws(TrainingError) -> Pairs
    ) {
        var number = first
        while true {
            let isWanted = state.wait(until: .infinity) { state in
                state.stopped ? false : state.ready.count < ahead ? true : nil
            }
            guard isWanted == true else { return }
            let result = Result { () throws(TrainingError) in try make(number) }
            state.change { state in
                switch result {
                case .success(let pairs): state.ready.append(pairs)
                case .failure(let error): state.failure = error
                }
            }
            if case .failure = result { return }
            number += 1
        }
    }

    deinit {
        state.change { $0.stopped = true }
    }

    /// Returns the next batch and the time spent waiting for it, which is nearly zero while the loader keeps ahead.
    public func next() throws(TrainingError) -> (pairs: Pairs, waited: Duration) {
        let start = ContinuousClock.now
        let result = state.wait(until: .infinity) { state -> Result<Pairs, TrainingError>? in
            guard state.ready.isEmpty else { return .success(state.ready.removeFirst()) }
            return state.failure.map { .failure($0) }
        }
        guard let result else { preconditionFailure("a wait without a deadline returned nothing") }
        let pairs = try result.get()
        // This wakes the loader's thread, which waits while `ahead` batches are ready.
        state.change { _ in }
        return (pairs, ContinuousClock.now - start)
    }

    /// Prepares the batch with the index `number`.
    static func pairs(
        _ dataset: PatchDataset, count: Int, crop: Int, seed: UInt64, number: Int, context: ComputeContext
    ) throws(TrainingError) -> Pairs {
        // An odd factor has an inverse modulo 2^64, so different batch indices give different seeds.
        var random = SeededGenerator(seed: seed &+ (UInt64(bitPattern: Int64(number)) &+ 1) &* 0xD129_0D3B_3B3A_F0E5)
        let side = crop / PatchDataset.scale
        let low = Batch(context, count: count, channels: 3, height: side, width: side)
        let high = Batch(context, count: count, channels: 3, height: crop, width: crop)
        for sample in 0..<count {
            do {
                try dataset.takePair(into: low, high, at: sample, random: &random)
            } catch {
                throw TrainingError(.unusableImage, "A patch cannot be degraded: \(error)", cause: error)
            }
        }
        return Pairs(low: low, high: high)
    }
}
