import NeuralNetwork

extension ModelFile {
    /// Mixes the weights of two models of the same shape (network interpolation, as in ESRGAN, arXiv 1809.00219).
    ///
    /// The two must have been trained from the same weights, such as a perceptual model that began as the fidelity model;
    /// the mixture of unrelated models is useless.
    ///
    /// - Parameters:
    ///   - fidelity: The model with texture 0.
    ///   - perceptual: The model with texture 1.
    ///   - texture: The share of the perceptual model.
    ///   - sha256: The hash that identifies the mixture.
    /// - Throws: `modelUnsupported` if the models have different shapes; the message names the first difference.
    public static func mix(
        _ fidelity: ModelFile, _ perceptual: ModelFile, texture: Double, sha256: String
    ) throws(SRGANError) -> ModelFile {
        precondition((0...1).contains(texture), "a texture is between 0 and 1")
        func refuse(_ why: String) -> SRGANError {
            SRGANError(.modelUnsupported, "\(perceptual.name) cannot be mixed with \(fidelity.name): \(why)")
        }
        let (a, b) = (fidelity.metadata, perceptual.metadata)
        guard a.architecture == b.architecture, a.inputRange == b.inputRange, a.outputRange == b.outputRange,
            a.finalActivation == b.finalActivation, a.batchNormEpsilon == b.batchNormEpsilon,
            a.upsamplingBatchNormEpsilon == b.upsamplingBatchNormEpsilon
        else { throw refuse("they are different networks.") }
        let names = Set(fidelity.tensors.keys).symmetricDifference(perceptual.tensors.keys)
        if let name = names.min() { throw refuse("only one of them has the entry \"\(name)\".") }
        var tensors: [String: Tensor] = [:]
        for (name, target) in perceptual.tensors.sorted(by: { $0.key < $1.key }) {
            let start = fidelity.tensors[name]!
            guard start.shape == target.shape else {
                throw refuse("the entry \"\(name)\" has the shapes \(target.shape) and \(start.shape).")
            }
            let share = Float(texture)
            tensors[name] = Tensor(shape: target.shape) { values in
                for i in 0..<target.count { values[i] = start.values[i] + share * (target.values[i] - start.values[i]) }
            }
        }
        var metadata = b
        metadata.overlap = a.overlap.flatMap { a in b.overlap.map { max(a, $0) } }
        metadata.overlapDifference = nil
        metadata.training = "\(perceptual.name) mixed with \(fidelity.name), texture \(texture)"
        metadata.other = [:]
        return ModelFile(tensors: tensors, metadata: metadata, name: perceptual.name, sha256: sha256)
    }
}
