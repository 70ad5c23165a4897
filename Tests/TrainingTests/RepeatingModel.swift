import NeuralNetwork
import SRGAN

/// A model whose output can be computed by hand.
enum RepeatingModel {
    /// A network that passes its input through: the middle weight of each convolution is one, and the blocks add nothing.
    ///
    /// It repeats each pixel 4 x 4 times, which can be computed by hand.
    ///
    /// - Parameter tap: The index of the first convolution's weight that is one; any index but the middle shifts the image.
    static func file(tap: Int = 4) -> ModelFile {
        var tensors: [String: Tensor] = [:]
        func conv(_ name: String, _ outputs: Int, _ inputs: Int, tap: Int = 4, passes: (Int, Int) -> Bool) {
            var weight = Tensor(shape: [outputs, inputs, 3, 3])
            for output in 0..<outputs {
                for input in 0..<inputs where passes(output, input) {
                    weight.values[(output * inputs + input) * 9 + tap] = 1
                }
            }
            tensors["\(name).weight"] = weight
            tensors["\(name).bias"] = Tensor(shape: [outputs])
        }
        func slope(_ name: String) { tensors["\(name).weight"] = Tensor(shape: [1], repeating: 1) }
        conv("conv1.0", 3, 3, tap: tap) { $0 == $1 }
        slope("conv1.1")
        conv("res_block.0.res_block.0", 3, 3) { _, _ in false }
        slope("res_block.0.res_block.1")
        conv("res_block.0.res_block.2", 3, 3) { _, _ in false }
        conv("conv2.0", 3, 3) { _, _ in false }
        for stage in 0..<2 {
            conv("upsampling.\(3 * stage)", 12, 3) { $0 / 4 == $1 }
            slope("upsampling.\(3 * stage + 2)")
        }
        conv("conv3", 3, 3) { $0 == $1 }
        return ModelFile(tensors: tensors, name: "repeat")
    }
}
