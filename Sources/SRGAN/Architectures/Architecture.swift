import NeuralNetwork

/// A family of published networks: recognises their state dicts and builds their graphs.
///
/// A new architecture is one file with a type that conforms to this protocol, and its entry in `Architectures.all`.
protocol Architecture: Sendable {
    /// The architecture's usual name, for people and for the metadata of converted models.
    static var name: String { get }
    /// The default overlap of tiles. Measured on photographs with trained models: 16 for SRVGGNetCompact changes 0.1 of
    /// 255, 16 for SPAN less than 0.01, and 64 for RRDBNet 0.02 with 6 blocks and 1.1 with 23.
    static var overlap: Int { get }

    /// True for the state dict of such a network. The entries' names must tell the architecture from all others; the
    /// state dict may still be incomplete.
    static func recognises(_ state: StateDict) -> Bool

    /// Takes the network's entries and builds its graph, for images with values in [0, 1].
    ///
    /// - Parameter scale: The upscaling factor if the user or the file states it. Only needed where the entries do not
    ///   determine it.
    static func network(
        _ state: inout StateDict, scale: Int?
    ) throws(NeuralNetworkError) -> ArchitectureNetwork
}

/// A network that an architecture has built.
struct ArchitectureNetwork: Sendable {
    /// The network, for images with values in [0, 1].
    let graph: NetworkGraph
    /// The number of residual blocks or of inner convolutions.
    let blocks: Int
    /// The number of channels between the first and the last convolution.
    let features: Int
}
