import NeuralNetwork
import SRGAN
import SystemPackage

extension Trainer {
    private enum Key {
        static let iteration = "iteration"
        static let stage = "stage"
        static let seed = "seed"
        static let format = "srgan_checkpoint"
        static let average = "average"
    }

    /// The parameter stores that a checkpoint contains, each with the prefix of its entries and its optimiser.
    private var parts: [(prefix: String, store: ParameterStore, adam: Adam)] {
        var parts = [("generator", generator.store, generatorAdam)]
        if let discriminator, let discriminatorAdam {
            parts.append(("discriminator", discriminator.store, discriminatorAdam))
        }
        return parts
    }

    /// The state that the following steps depend on, encoded as a safetensors file. The order of the training data
    /// needs no entry, because it depends only on the seed and the iteration.
    public func checkpoint() -> [UInt8] {
        var tensors: [String: Tensor] = [:]
        for (prefix, store, adam) in parts {
            for (name, tensor) in store.tensors { tensors["\(prefix).\(name)"] = tensor }
            let moments = adam.moments
            tensors["\(prefix)_adam.first"] = moments.first
            tensors["\(prefix)_adam.second"] = moments.second
        }
        if let average { tensors[Key.average] = average.tensor }
        return SafetensorsFile(
            tensors: tensors,
            metadata: [
                Key.format: "1", Key.iteration: "\(iteration)", Key.stage: configuration.stage.rawValue,
                Key.seed: "\(configuration.seed)",
            ]
        ).encoded()
    }

    /// Restores a checkpoint. The following steps give the same bits as in an uninterrupted run.
    ///
    /// - Throws: `configuration`, if the checkpoint belongs to another run.
    public func restore(_ bytes: [UInt8], name: String) throws(TrainingError) {
        do {
            let file = try SafetensorsFile(bytes: bytes, name: name)
            guard file.metadata[Key.format] == "1", let iteration = file.metadata[Key.iteration].flatMap({ Int($0) })
            else { throw TrainingError(.configuration, "\(name) is not a checkpoint.") }
            guard file.metadata[Key.stage] == configuration.stage.rawValue,
                file.metadata[Key.seed] == "\(configuration.seed)"
            else { throw TrainingError(.configuration, "\(name) belongs to a run with another stage or seed.") }
            var state = StateDict(file.tensors)
            var loads: [() -> Void] = []
            for (prefix, store, adam) in parts {
                var own: [String: Tensor] = [:]
                for entry in store.parameters + store.statistics {
                    own[entry.name] = try state.take("\(prefix).\(entry.name)", shape: entry.shape)
                }
                let first = try state.take("\(prefix)_adam.first", shape: [store.parameterCount])
                let second = try state.take("\(prefix)_adam.second", shape: [store.parameterCount])
                loads.append {
                    var state = StateDict(own)
                    // This cannot fail, because `take` has checked every entry's name and shape.
                    try! store.load(&state)
                    adam.restore(first: first, second: second, stepCount: iteration)
                }
            }
            if let average {
                let tensor = try state.take(Key.average, shape: [generator.store.parameterCount])
                loads.append { average.restore(tensor) }
            }
            try state.finish()
            for load in loads { load() }
            self.iteration = iteration
            restartLoader()
        } catch let error as TrainingError {
            throw error
        } catch {
            throw TrainingError(.configuration, "\(name) does not fit this configuration: \(error)", cause: error)
        }
    }

    /// The generator as a model file. It has the averaged weights if the run computes an average, and its statistics of
    /// batch normalisation are recomputed over many batches. The state of the training does not change.
    ///
    /// The statistics are recomputed because, with momentum 0.8, the running statistics cover little more than the last
    /// one or two batches.
    ///
    /// - Throws: `unusableImage`, if the data cannot be prepared.
    public func model(training: String) throws(TrainingError) -> ModelFile {
        let store = generator.store
        let kept = store.tensors
        average?.swap()
        try takeStatistics(over: configuration.report.statisticsBatches)
        var metadata = ModelMetadata()
        metadata.blocks = generator.shape.blocks
        metadata.scale = PatchDataset.scale
        metadata.training = training
        let model = ModelFile(tensors: store.tensors, metadata: metadata, name: "model.safetensors")
        average?.swap()
        var state = StateDict(kept)
        // This cannot fail, because the entries come from the same network.
        try! store.load(&state)
        return model
    }

    private func takeStatistics(over batches: Int) throws(TrainingError) {
        guard batches > 0, !generator.norms.isEmpty else { return }
        let momenta = generator.norms.map(\.momentum)
        for number in 0..<batches {
            // With this momentum, the running statistics are the mean over all batches so far.
            for norm in generator.norms { norm.momentum = 1 / Double(number + 1) }
            // The batch indices are negative. Training uses only indices from 0 on, so these batches have other seeds
            // than the training's batches.
            let pairs = try BatchLoader.pairs(
                dataset, count: configuration.data.batch, crop: configuration.data.crop, seed: configuration.seed,
                number: -1 - number, context: context)
            _ = generator.forward(pairs.low)
        }
        for (norm, momentum) in zip(generator.norms, momenta) { norm.momentum = momentum }
    }
}
