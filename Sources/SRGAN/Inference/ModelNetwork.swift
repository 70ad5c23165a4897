import NeuralNetwork

/// The network that a model file holds.
public struct ModelNetwork: Sendable {
    /// The name of the architecture.
    public let architecture: String
    /// The upscaling factor of width and height.
    public let scale: Int
    /// The number of residual blocks or of inner convolutions.
    public let blocks: Int
    /// The number of channels between the first and the last convolution.
    public let features: Int
    /// The overlap of tiles that suits the model, in input pixels: measured for it, or for its architecture.
    public let overlap: Int

    /// The network, layer by layer.
    let reference: any ReferenceNetwork

    /// The overlap of tiles for generators of SRGAN. It costs half as much as the exact overlap, and with the shipped
    /// models it gives the same 8-bit output.
    public static let generatorOverlap = 20

    /// Builds the network of a model.
    ///
    /// - Throws: `modelUnsupported` if the parameters are not those of a supported network; `modelDamaged` if a
    ///   parameter is not a finite number.
    public init(_ model: ModelFile) throws(SRGANError) {
        try model.checkNumbers()
        architecture = model.metadata.architecture
        if let kind = Architectures.named(architecture) {
            let built = try Architectures.network(kind, of: model)
            (blocks, features, overlap) = (built.blocks, built.features, model.metadata.overlap ?? kind.overlap)
            reference = PlainExecutor(built.graph)
        } else {
            let generator = try ReferenceGenerator(model: model)
            (blocks, features) = (generator.blocks.count, generator.channels)
            overlap = model.metadata.overlap ?? Self.generatorOverlap
            reference = generator
        }
        scale = reference.scale
    }
}
