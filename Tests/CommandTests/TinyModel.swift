import NeuralNetwork
import SRGAN

/// A generator of one block and four channels: its output is noise, but it is very fast.
enum TinyModel {
    /// - lastKernel: the side of the last convolution's kernel; fast kernels exist for sides up to 9.
    static func file(lastKernel: Int = 9) -> ModelFile {
        var tensors: [String: Tensor] = [:]
        var state: UInt32 = 1
        func values(_ count: Int, spread: Float, around middle: Float) -> [Float] {
            (0..<count).map { _ in
                state = state &* 1_664_525 &+ 1_013_904_223
                return middle + spread * (Float(state >> 8) / Float(1 << 23) - 1)
            }
        }
        func conv(_ name: String, _ outputs: Int, _ inputs: Int, _ kernel: Int) {
            let spread = 1.7 / Float(inputs * kernel * kernel).squareRoot()
            tensors["\(name).weight"] = Tensor(
                shape: [outputs, inputs, kernel, kernel],
                values: values(outputs * inputs * kernel * kernel, spread: spread, around: 0))
            tensors["\(name).bias"] = Tensor(shape: [outputs], values: values(outputs, spread: 0.1, around: 0))
        }
        func norm(_ name: String, _ count: Int) {
            tensors["\(name).weight"] = Tensor(shape: [count], values: values(count, spread: 0.2, around: 0.8))
            tensors["\(name).bias"] = Tensor(shape: [count], values: values(count, spread: 0.1, around: 0))
            tensors["\(name).running_mean"] = Tensor(shape: [count], values: values(count, spread: 0.1, around: 0))
            tensors["\(name).running_var"] = Tensor(shape: [count], values: values(count, spread: 0.2, around: 1))
        }
        func slope(_ name: String) { tensors["\(name).weight"] = Tensor(shape: [1], values: [0.25]) }

        conv("conv1.0", 4, 3, 9)
        slope("conv1.1")
        conv("res_block.0.res_block.0", 4, 4, 3)
        norm("res_block.0.res_block.1", 4)
        slope("res_block.0.res_block.2")
        conv("res_block.0.res_block.3", 4, 4, 3)
        norm("res_block.0.res_block.4", 4)
        conv("conv2.0", 4, 4, 3)
        norm("conv2.1", 4)
        for stage in 0..<2 {
            conv("upsampling.\(4 * stage)", 16, 4, 3)
            norm("upsampling.\(4 * stage + 1)", 16)
            slope("upsampling.\(4 * stage + 3)")
        }
        conv("conv3", 3, 4, lastKernel)
        var metadata = ModelMetadata()
        metadata.license = "CC0-1.0"
        metadata.training = "none"
        return ModelFile(tensors: tensors, metadata: metadata, name: "tiny")
    }
}
