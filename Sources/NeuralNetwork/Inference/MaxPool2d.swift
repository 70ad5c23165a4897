/// Keeps the largest number of each square of an image, as `torch.nn.MaxPool2d(size, size)`.
public struct MaxPool2d: Sendable {
    /// The square's side, and the step from one to the next.
    public let size: Int

    /// Makes a layer of squares of `size` pixels a side.
    public init(size: Int) {
        precondition(size > 0)
        self.size = size
    }

    /// Reduces `[channels, height, width]` to `[channels, height / size, width / size]`; what is left over is dropped.
    public func callAsFunction(_ input: Tensor) -> Tensor {
        precondition(input.shape.count == 3, "the input is no image")
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
