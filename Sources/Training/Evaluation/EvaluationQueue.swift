import Foundation
import SystemPackage

/// The images of an evaluation, which threads take one by one, and their results.
///
/// `@unchecked Sendable`: `lock` guards every mutable property.
final class EvaluationQueue: @unchecked Sendable {
    struct Item {
        /// The index among all images.
        var index: Int
        var dataset: Int
        var file: FilePath
    }

    private let items: [Item]
    private let counts: [Int]
    private let progress: @Sendable (Int, Int) -> Void
    private let lock = NSLock()
    private var taken = 0
    private var results: [Int: (image: EvaluationReport.Image, panels: Evaluator.Panels?)] = [:]
    private var error: (any Error)?

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
        lock.withLock {
            guard error == nil, taken < items.count else { return nil }
            taken += 1
            return items[taken - 1]
        }
    }

    func finish(_ item: Item, image: EvaluationReport.Image, panels: Evaluator.Panels?) {
        lock.withLock {
            results[item.index] = (image, panels)
            progress(results.count, items.count)
        }
    }

    func fail(_ failure: any Error) {
        lock.withLock { error = error ?? failure }
    }

    var failure: (any Error)? { lock.withLock { error } }

    /// The results by dataset; complete when all threads have ended.
    var images: [[EvaluationReport.Image]] {
        lock.withLock {
            counts.indices.map { set in
                items.filter { $0.dataset == set }.compactMap { results[$0.index]?.image }
            }
        }
    }

    /// The images kept for a comparison, in order.
    var panels: [Evaluator.Panels] {
        lock.withLock { items.compactMap { results[$0.index]?.panels } }
    }
}
