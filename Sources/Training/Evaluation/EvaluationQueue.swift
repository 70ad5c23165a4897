import Synchronization
import SystemPackage

/// The images of an evaluation and their results. Threads take the images one by one.
final class EvaluationQueue: Sendable {
    struct Item: Sendable {
        /// The index among the images of all datasets.
        var index: Int
        var dataset: Int
        var file: FilePath
    }

    private struct State: Sendable {
        var taken = 0
        var results: [Int: (image: EvaluationReport.Image, panels: Evaluator.Panels?)] = [:]
        var error: (any Error)?
    }

    private let items: [Item]
    private let counts: [Int]
    private let progress: @Sendable (Int, Int) -> Void
    private let state = Mutex(State())

    init(datasets: [Evaluator.Dataset], progress: @escaping @Sendable (Int, Int) -> Void) {
        var items: [Item] = []
        for (dataset, set) in datasets.enumerated() {
            for file in set.originals.files {
                items.append(Item(index: items.count, dataset: dataset, file: file))
            }
        }
        self.items = items
        self.progress = progress
        counts = datasets.map(\.originals.files.count)
    }

    var count: Int { items.count }

    /// Takes the next image; nil at the end or after a failure.
    func next() -> Item? {
        state.withLock { state in
            guard state.error == nil, state.taken < items.count else { return nil }
            state.taken += 1
            return items[state.taken - 1]
        }
    }

    func finish(_ item: Item, image: EvaluationReport.Image, panels: Evaluator.Panels?) {
        state.withLock { state in
            state.results[item.index] = (image, panels)
            progress(state.results.count, items.count)
        }
    }

    func fail(_ failure: any Error) {
        state.withLock { $0.error = $0.error ?? failure }
    }

    var failure: (any Error)? { state.withLock { $0.error } }

    /// The results by dataset; they are complete when all threads have ended.
    var images: [[EvaluationReport.Image]] {
        state.withLock { state in
            counts.indices.map { set in
                items.filter { $0.dataset == set }.compactMap { state.results[$0.index]?.image }
            }
        }
    }

    /// The panels that were kept for a comparison image, in the order of the datasets and files.
    var panels: [Evaluator.Panels] {
        state.withLock { state in items.compactMap { state.results[$0.index]?.panels } }
    }
}
