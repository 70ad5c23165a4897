/// A convolution without bias whose weights are divided by their spectral norm, like `torch.nn.utils.spectral_norm` of
/// a `torch.nn.Conv2d` (Miyato et al., arXiv 1802.05957). It limits how steeply a discriminator's scores can change.
///
/// The spectral norm is the largest singular value of the weights as a matrix `[outputs, inputs * kernel * kernel]`. It
/// is estimated by power iteration: each forward pass in training improves the estimates of the two singular vectors by
/// one iteration.
public final class SpectralConv2dLayer: Layer {
    /// The weights before the division, `[outputs, inputs, kernel, kernel]`.
    public let weight: Parameter
    /// The estimate of the left singular vector, `[outputs]`.
    public let left: Parameter
    /// The estimate of the right singular vector, `[inputs * kernel * kernel]`.
    public let right: Parameter

    private let store: ParameterStore
    private let divided: Conv2dLayer
    private let dividedStore = ParameterStore()
    private var dividedVersion = -1
    private var norm: Float = 1

    private var rows: Int { left.count }
    private var columns: Int { right.count }

    /// Declares `name.weight_orig`, `name.weight_u` and `name.weight_v`, the names that PyTorch uses.
    ///
    /// - Parameter slope: The slope of the leaky ReLU that follows; nil for none.
    public init(
        _ name: String, inputs: Int, outputs: Int, kernel: Int, stride: Int = 1, padding: Int, slope: Float? = nil,
        after previous: SpectralConv2dLayer? = nil, store: ParameterStore, context: ComputeContext
    ) {
        self.store = store
        weight = store.addParameter("\(name).weight_orig", shape: [outputs, inputs, kernel, kernel])
        left = store.addStatistic("\(name).weight_u", shape: [outputs])
        right = store.addStatistic("\(name).weight_v", shape: [inputs * kernel * kernel])
        divided = Conv2dLayer(
            name, inputs: inputs, outputs: outputs, kernel: kernel, stride: stride, padding: padding, slope: slope,
            after: previous?.divided, store: dividedStore, context: context)
    }

    /// Convolves a batch with the divided weights.
    public func forward(_ input: Batch) -> Batch {
        if store.isTraining { iterate() }
        if store.isTraining || dividedVersion != store.version {
            dividedVersion = store.version
            let (weights, left, right) = (weight.values, left.values, right.values)
            norm = 0
            for row in 0..<rows { norm += left[row] * dot(weights + row * columns, right) }
            let (factor, target) = (1 / norm, divided.weight.values)
            for i in 0..<weight.count { target[i] = weights[i] * factor }
            dividedStore.touch()
        }
        return divided.forward(input)
    }

    /// Computes the gradients with respect to weights and input. As in PyTorch, the singular vectors are constants.
    public func backward(_ gradient: Batch) -> Batch {
        (dividedStore.isFrozen, dividedStore.keepsInputs) = (store.isFrozen, store.keepsInputs)
        dividedStore.zeroGradients()
        let result = divided.backward(gradient)
        guard !store.isFrozen else { return result }
        // The divided weights W / s depend on W also through the norm s = u W v, whose gradient is u v.
        let (slopes, weights) = (divided.weight.gradients, divided.weight.values)
        var sum = 0.0
        for i in 0..<weight.count { sum += Double(slopes[i]) * Double(weights[i]) }
        let (target, left, right) = (weight.gradients, left.values, right.values)
        for row in 0..<rows {
            let along = Float(sum) * left[row]
            for column in 0..<columns {
                let i = row * columns + column
                target[i] += (slopes[i] - along * right[column]) / norm
            }
        }
        return result
    }

    /// Draws singular vectors, and improves them by several iterations, so that the first norm is already about right.
    public func startVectors(random: inout SeededGenerator) {
        let left = left.values
        for i in 0..<rows { left[i] = random.normal() }
        for _ in 0..<15 { iterate() }
    }

    /// One power iteration.
    private func iterate() {
        let (weights, left, right) = (weight.values, left.values, right.values)
        for column in 0..<columns { right[column] = 0 }
        for row in 0..<rows {
            let (line, factor) = (weights + row * columns, left[row])
            for column in 0..<columns { right[column] += factor * line[column] }
        }
        normalize(self.right)
        for row in 0..<rows { left[row] = dot(weights + row * columns, right) }
        normalize(self.left)
    }

    private func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>) -> Float {
        // Eight separate sums allow the use of vector instructions; the order of summation is still fixed.
        var lanes = SIMD8<Float>.zero
        var i = 0
        while i + 8 <= columns {
            for k in 0..<8 { lanes[k] += a[i + k] * b[i + k] }
            i += 8
        }
        var sum = lanes.sum()
        while i < columns {
            sum += a[i] * b[i]
            i += 1
        }
        return sum
    }

    private func normalize(_ vector: Parameter) {
        var sum = 0.0
        let values = vector.values
        for i in 0..<vector.count { sum += Double(values[i]) * Double(values[i]) }
        let factor = Float(1 / max(sum.squareRoot(), 1e-12))
        for i in 0..<vector.count { values[i] *= factor }
    }
}
