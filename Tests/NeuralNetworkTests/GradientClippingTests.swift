import NeuralNetwork
import Testing

/// Gradient clipping, compared with `torch.nn.utils.clip_grad_norm_`.
struct GradientClippingTests {
    /// Two parameters with 15 gradients of joint norm `length`.
    private func store(length: Float) -> (store: ParameterStore, parameters: [Parameter]) {
        let store = ParameterStore()
        let parameters = [store.addParameter("a", shape: [2, 5]), store.addParameter("b", shape: [5])]
        for parameter in parameters {
            for i in 0..<parameter.count { parameter.gradients[i] = Float(i) - 2 }
        }
        // The squares of -2 to 7 and of -2 to 2 add up to 155.
        let factor = length / Float(155).squareRoot()
        for i in 0..<15 { store.gradients.start[i] *= factor }
        return (store, parameters)
    }

    @Test func longGradientsAreScaledJointly() {
        let (store, parameters) = store(length: 20)
        let before = (0..<15).map { store.gradients.start[$0] }
        let length = store.clipGradients(norm: 5)
        #expect(abs(length - 20) < 1e-5)
        // PyTorch divides by the norm plus 1e-6.
        let factor = Float(5 / (20 + 1e-6))
        for i in 0..<15 { #expect(abs(store.gradients.start[i] - before[i] * factor) < 1e-6) }
        // Both parameters are scaled by the same factor.
        #expect(abs(parameters[1].gradients[0] / parameters[0].gradients[0] - 1) < 1e-6)
        #expect(abs(store.clipGradients(norm: 5) - 5) < 1e-5)
    }

    @Test func shortGradientsAreUnchanged() {
        let (store, _) = store(length: 4.9)
        let before = store.gradientTensors
        #expect(abs(store.clipGradients(norm: 5) - 4.9) < 1e-5)
        #expect(store.gradientTensors == before)
    }
}
