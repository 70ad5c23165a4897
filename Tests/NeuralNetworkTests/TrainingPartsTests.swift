import Foundation
import NeuralNetwork
import Testing

/// The parts of training other than layers.
struct TrainingPartsTests {
    @Test(arguments: [1, 2, 5])
    func poolRunsEachItemOnce(threads: Int) {
        let pool = ThreadPool(count: threads)
        for items in [0, 1, 2, 7, 1000] {
            let lock = NSLock()
            var seen = [Int](repeating: 0, count: items)
            var workers: Set<Int> = []
            pool.run(items) { item, worker in
                lock.withLock {
                    seen[item] += 1
                    workers.insert(worker)
                }
            }
            #expect(seen.allSatisfy { $0 == 1 })
            #expect(workers.allSatisfy { (0..<threads).contains($0) })
        }
    }

    @Test func batchConvertsToTensorAndBack() {
        let context = ComputeContext(threads: 1)
        let tensor = Tensor(shape: [2, 3, 4, 5], values: (0..<120).map(Float.init))
        let batch = Batch(context, tensor)
        #expect(batch.tensor == tensor)
        // Second image, row 1, column 2, channel 1.
        #expect(batch.start[60 + (1 * 5 + 2) * 3 + 1] == 60 + 20 + 7)
    }

    @Test func loadingAStoreIsStrict() throws {
        let store = ParameterStore()
        _ = store.addParameter("a", shape: [2])
        _ = store.addStatistic("b", shape: [1])
        let good = ["a": Tensor(shape: [2], values: [1, 2]), "b": Tensor(shape: [1], values: [3])]
        var state = StateDict(good)
        try store.load(&state)
        try state.finish()
        #expect(store.tensors == good)
        var missing = StateDict(["a": good["a"]!])
        #expect(throws: NeuralNetworkError.self) { try store.load(&missing) }
        var wrong = StateDict(["a": good["b"]!, "b": good["b"]!])
        #expect(throws: NeuralNetworkError.self) { try store.load(&wrong) }
        #expect(store.tensors == good)
    }

    @Test func averageFollowsAndSwaps() {
        let context = ComputeContext(threads: 1)
        let store = ParameterStore()
        let parameter = store.addParameter("p", shape: [3])
        parameter.fill(1)
        let average = ParameterAverage(store, decay: 0.75, context: context)
        parameter.fill(5)
        average.update()
        average.swap()
        #expect(store.tensors["p"]?.values == [2, 2, 2])
        average.swap()
        #expect(store.tensors["p"]?.values == [5, 5, 5])
        let other = ParameterAverage(store, decay: 0.75, context: context)
        other.restore(average.tensor)
        #expect(other.tensor == average.tensor)
    }

    @Test func seedDeterminesRandomNumbers() throws {
        var first = SeededGenerator(seed: 7)
        let expected = (0..<5).map { _ in first.next() }
        var second = SeededGenerator(seed: 7)
        #expect(second.next() == expected[0])
        let saved = try JSONEncoder().encode(second)
        var restored = try JSONDecoder().decode(SeededGenerator.self, from: saved)
        #expect((0..<4).map { _ in restored.next() } == Array(expected[1...]))
        var other = SeededGenerator(seed: 8)
        #expect(other.next() != expected[0])
        let numbers = (0..<1000).map { _ in first.uniform() }
        #expect(numbers.allSatisfy { $0 >= 0 && $0 < 1 })
        #expect(abs(numbers.reduce(0, +) / 1000 - 0.5) < 0.05)
    }

    /// Adam restored from its moments takes the same next step.
    @Test func adamContinuesFromItsMoments() {
        let context = ComputeContext(threads: 1)
        func make() -> (ParameterStore, Parameter, Adam) {
            let store = ParameterStore()
            let parameter = store.addParameter("p", shape: [4])
            return (store, parameter, Adam(store, learningRate: 0.1, context: context))
        }
        let (store, parameter, adam) = make()
        for step in 0..<3 {
            for i in 0..<4 { parameter.gradients[i] = Float(i * step) - 2.5 }
            adam.step()
        }
        let (resumedStore, resumed, resumedAdam) = make()
        resumed.values.update(from: parameter.values, count: 4)
        resumedAdam.restore(first: adam.moments.first, second: adam.moments.second, stepCount: adam.stepCount)
        for i in 0..<4 {
            parameter.gradients[i] = Float(i)
            resumed.gradients[i] = Float(i)
        }
        adam.step()
        resumedAdam.step()
        #expect(store.tensors == resumedStore.tensors)
    }
}
