import NeuralNetwork

/// The architectures whose networks run as graphs.
enum Architectures {
    /// All architectures. The state dict of one is never recognised by another.
    static let all: [any Architecture.Type] = [
        RRDBNet.self, SRVGGNetCompact.self, SPAN.self, MSRResNet.self, EDSR.self,
    ]

    /// The largest upscaling factor. Without a limit, a file of a few KB could demand any amount of memory.
    static let largestScale = 16

    /// The architecture with this name; nil if there is none.
    static func named(_ name: String) -> (any Architecture.Type)? { all.first { $0.name == name } }

    /// The architecture of a state dict; nil for all other networks.
    static func of(_ tensors: [String: Tensor]) -> (any Architecture.Type)? {
        let state = StateDict(tensors)
        return all.first { $0.recognises(state) }
    }

    /// Builds the network of a model file.
    ///
    /// - Throws: `modelUnsupported` if an entry is missing, left over or of the wrong shape, or if the network has a
    ///   size that is not supported.
    static func network(_ architecture: any Architecture.Type, of model: ModelFile) throws(SRGANError)
        -> ArchitectureNetwork
    {
        do {
            var state = StateDict(model.tensors)
            let network = try architecture.network(&state, scale: model.metadata.scale)
            try state.finish()
            try check(network.graph, stated: model.metadata.scale)
            return network
        } catch {
            throw SRGANError(
                .modelUnsupported, "\(model.name) holds \(architecture.name), but cannot be used: \(error.message)",
                cause: error)
        }
    }

    private static func check(_ graph: NetworkGraph, stated: Int?) throws(NeuralNetworkError) {
        try checkScale(graph.scale)
        if let stated, stated != graph.scale {
            throw NeuralNetworkError(
                .wrongShape, "The file states the scale \(stated), and the network has the scale \(graph.scale).")
        }
    }

    /// Checks a network's scale. An architecture calls this after each upscaling step whose number a file can choose.
    static func checkScale(_ scale: Int) throws(NeuralNetworkError) {
        guard (1...largestScale).contains(scale) else {
            throw NeuralNetworkError(.wrongShape, "Its scale is \(scale); srgan runs the scales 1 to \(largestScale).")
        }
    }

    /// Checks that a network reads and writes images with 1 or 3 channels.
    static func checkChannels(input: Int, output: Int) throws(NeuralNetworkError) {
        guard input == output else {
            throw NeuralNetworkError(
                .wrongShape,
                "It reads images with \(input) channels and writes images with \(output); these must be equal.")
        }
        guard input == 1 || input == 3 else {
            let kind = input == 4 ? " (red, green, blue and alpha)" : ""
            throw NeuralNetworkError(
                .wrongShape, "It is for images with \(input) channels\(kind); srgan runs networks for 1 or 3 channels.")
        }
    }

    /// The factor of a pixel shuffle that makes `channels` channels of the network's last convolution an image.
    static func shuffleFactor(of outputs: Int, channels: Int) throws(NeuralNetworkError) -> Int {
        if let factor = (1...largestScale).first(where: { channels * $0 * $0 == outputs }) { return factor }
        throw NeuralNetworkError(
            .wrongShape,
            "Its last convolution has \(outputs) channels, which are no square number of images with \(channels) channels."
        )
    }
}
