/// The maximum of each `size` x `size` window, like `torch.nn.MaxPool2d(size, size)`.
public struct MaxPool2d: Sendable {
    /// The window size, and the step from one window to the next.
    public let size: Int

    /// Makes a layer with windows of `size` x `size` pixels.
    public init(size: Int) {
        precondition(size > 0)
        self.size = size
    }

    /// Reduces `[channels, height, width]` to `[channels, height / size, width / size]`; incomplete windows are
    /// dropped.
    public func callAsFunction(_ input: Tensor) -> Tensor {
        precondition(input.shape.count == 3, "the input is not an image")
        let (channels, height, width) = (input.shape[0], input.shape[1] / size, input.shape[2] / size)
        let (inputHeight, inputWidth) = (input.shape[1], input.shape[2])
        return Tensor(shape: [channels, height, width]) { output in
            input.values.withUnsafeBufferPointer { source in
                var position = 0
                for row in 0..<channels * height {
                    let top = (row / height * inputHeight + row % height * size) * inputWidth
                    for column in 0..<width {
                        var largest = -Float.infinity
                        for y in 0..<size {
                            for x in 0..<size {
                                largest = max(largest, source[top + y * inputWidth + column * size + x])
                            }
                        }
                        output[position] = largest
                        position += 1
                    }
                }
            }
        }
    }
}
