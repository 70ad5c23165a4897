import CKernels
import Foundation

/// Computes a graph operation by operation, with OpenBLAS for the convolutions. It defines the right result and runs
/// graphs that the fast executor does not support.
public struct PlainExecutor: Sendable {
    /// The network.
    public let graph: NetworkGraph
    /// For each operation, the values that no later operation reads.
    private let finished: [[Int]]

    /// Prepares a graph.
    public init(_ graph: NetworkGraph) {
        self.graph = graph
        var last = Array(graph.nodes.indices)
        for (index, node) in graph.nodes.enumerated() {
            for input in node.inputs { last[input] = index }
        }
        last[graph.output.index] = graph.nodes.count
        var finished = [[Int]](repeating: [], count: graph.nodes.count + 1)
        for (value, reader) in last.enumerated() { finished[reader].append(value) }
        self.finished = finished
    }

    /// Runs the network.
    ///
    /// - Parameter input: `[channels, height, width]`.
    /// - Returns: `[channels, scale * height, scale * width]`.
    public func callAsFunction(_ input: Tensor) -> Tensor {
        let multiple = graph.inputMultiple
        let padded = Self.padded(input, multiple: multiple)
        var values = [Tensor?](repeating: nil, count: graph.nodes.count)
        for (index, node) in graph.nodes.enumerated() {
            values[index] = Self.run(node, of: node.inputs.map { values[$0]! }, input: padded)
            for value in finished[index] { values[value] = nil }
        }
        let result = values[graph.output.index]!
        return Self.cropped(result, height: input.shape[1] * graph.scale, width: input.shape[2] * graph.scale)
    }

    private static func run(_ node: NetworkGraph.Node, of inputs: [Tensor], input: Tensor) -> Tensor {
        switch node.operation {
        case .input: return input
        case .convolution(let layer, let activation): return apply(activation, to: layer(inputs[0]))
        case .scaledSum(let factor):
            return Tensor(
                shape: inputs[0].shape, values: zip(inputs[0].values, inputs[1].values).map { $0 * factor + $1 })
        case .concatenation:
            return Tensor(
                shape: [node.channels] + inputs[0].shape[1...], values: inputs.flatMap(\.values))
        case .pixelShuffle(let factor): return PixelShuffle(factor: factor)(inputs[0])
        case .pixelUnshuffle(let factor): return unshuffled(inputs[0], factor: factor)
        case .nearest(let factor): return enlarged(inputs[0], factor: factor, Interpolation.nearest)
        case .bilinear(let factor): return enlarged(inputs[0], factor: factor, Interpolation.bilinear)
        case .gate:
            return Tensor(
                shape: inputs[0].shape,
                values: zip(inputs[0].values, inputs[1].values).map { ($0 + $1) * (1 / (1 + exp(-$0)) - 0.5) })
        case .affine(let scale, let shift):
            var output = inputs[0]
            ck_channel_affine_f32(
                &output.values, output.shape[0], output.shape[1] * output.shape[2], scale, shift)
            return output
        }
    }

    private static func apply(_ activation: Activation, to tensor: Tensor) -> Tensor {
        switch activation {
        case .none: return tensor
        case .slopes(let slopes): return PReLU(weight: Tensor(shape: [slopes.count], values: slopes))(tensor)
        case .silu: return Tensor(shape: tensor.shape, values: tensor.values.map { $0 / (1 + exp(-$0)) })
        }
    }

    private static func unshuffled(_ input: Tensor, factor: Int) -> Tensor {
        let (height, width) = (input.shape[1] / factor, input.shape[2] / factor)
        return Tensor(shape: [input.shape[0] * factor * factor, height, width]) { output in
            var position = 0
            for channel in 0..<input.shape[0] * factor * factor {
                let (dy, dx) = (channel / factor % factor, channel % factor)
                for y in 0..<height {
                    let row = (channel / factor / factor * input.shape[1] + y * factor + dy) * input.shape[2] + dx
                    for x in 0..<width {
                        output[position] = input.values[row + x * factor]
                        position += 1
                    }
                }
            }
        }
    }

    /// Enlarges an image with the two source pixels, and the weight of the second, that `sources` gives for each
    /// coordinate of the result.
    private static func enlarged(
        _ input: Tensor, factor: Int, _ sources: (_ place: Int, _ factor: Int, _ count: Int) -> Interpolation
    ) -> Tensor {
        let (height, width) = (input.shape[1], input.shape[2])
        let columns = (0..<width * factor).map { sources($0, factor, width) }
        return Tensor(shape: [input.shape[0], height * factor, width * factor]) { output in
            var position = 0
            for channel in 0..<input.shape[0] {
                for y in 0..<height * factor {
                    let row = sources(y, factor, height)
                    let (upper, lower) = (
                        (channel * height + row.first) * width, (channel * height + row.second) * width
                    )
                    for column in columns {
                        func mix(_ row: Int) -> Float {
                            let (a, b) = (input.values[row + column.first], input.values[row + column.second])
                            return a + (b - a) * column.weight
                        }
                        let (a, b) = (mix(upper), mix(lower))
                        output[position] = a + (b - a) * row.weight
                        position += 1
                    }
                }
            }
        }
    }

    /// Adds reflected pixels on the right and below until width and height are multiples of `multiple`.
    private static func padded(_ input: Tensor, multiple: Int) -> Tensor {
        let (height, width) = (input.shape[1], input.shape[2])
        let rows = (0..<(height + multiple - 1) / multiple * multiple).map { Reflection.index($0, of: height) }
        let columns = (0..<(width + multiple - 1) / multiple * multiple).map { Reflection.index($0, of: width) }
        guard rows.count > height || columns.count > width else { return input }
        return Tensor(shape: [input.shape[0], rows.count, columns.count]) { output in
            var position = 0
            for channel in 0..<input.shape[0] {
                for row in rows {
                    for column in columns {
                        output[position] = input.values[(channel * height + row) * width + column]
                        position += 1
                    }
                }
            }
        }
    }

    private static func cropped(_ image: Tensor, height: Int, width: Int) -> Tensor {
        guard image.shape[1] > height || image.shape[2] > width else { return image }
        return Tensor(shape: [image.shape[0], height, width]) { output in
            for row in 0..<image.shape[0] * height {
                let source = (row / height * image.shape[1] + row % height) * image.shape[2]
                for x in 0..<width { output[row * width + x] = image.values[source + x] }
            }
        }
    }
}
