import NeuralNetwork

extension TrainableGenerator {
    /// Initialises the network as an interpolator: before the first training step its output is about as good as
    /// bicubic upscaling, so the training only needs to learn detail.
    ///
    /// Six channels hold the image and its negative. A PReLU distorts each of the two, but their difference stays
    /// proportional to the image: with a slope of 0.25, PReLU(v) - PReLU(-v) is 1.25 v. The upsampling convolutions
    /// interpolate the six channels quadratically, and the last convolution computes the difference. All other weights
    /// are initialised as by He et al. (arXiv 1502.01852); those that would disturb the image are scaled down.
    ///
    /// The network must have at least six channels and no batch normalisation, which would undo the scaling.
    public func startAsInterpolator(random: inout SeededGenerator) {
        precondition(!shape.normalizesTrunk && !shape.normalizesUpsampling && shape.channels >= 6)
        let slope: Float = 0.25
        let inverseGain = 1 / (1 + slope)
        /// Draws weights with `scale` times He's standard deviation; `change` then sets the weights of the channels
        /// that hold the image.
        func draw(_ name: String, scale: Float = 1, _ change: (inout Weights) -> Void = { _ in }) {
            var weights = Weights(shape: builder.convolution(name).weight.shape)
            let fanIn = Float(weights.shape[1] * weights.area)
            let deviation = scale * (2 / ((1 + slope * slope) * fanIn)).squareRoot()
            for i in weights.values.indices { weights.values[i] = deviation * random.normal() }
            change(&weights)
            let layer = builder.convolution(name)
            layer.weight.values.update(from: weights.values, count: weights.values.count)
            layer.bias.fill(0)
        }
        draw("conv1.0") { weights in
            for output in 0..<6 { weights.clear(output: output) }
            for colour in 0..<3 {
                weights[colour, colour, 4, 4] = 1
                weights[colour + 3, colour, 4, 4] = -1
            }
        }
        for block in 0..<shape.blocks {
            draw("res_block.\(block).res_block.0")
            draw("res_block.\(block).res_block.3", scale: 0.1)
        }
        draw("conv2.0", scale: 0.1)
        // The weights of the pixels at -1, 0 and 1 in a quadratic Lagrange interpolation at -1/4 and at 1/4.
        let taps: [[Float]] = [[0.15625, 0.9375, -0.09375], [-0.09375, 0.9375, 0.15625]]
        for index in [0, 3] {
            draw("upsampling.\(index)", scale: 0.5) { weights in
                for output in 0..<24 { weights.clear(output: output) }
                for channel in 0..<6 {
                    for place in 0..<4 {
                        let (rows, columns) = (taps[place / 2], taps[place % 2])
                        for y in 0..<3 {
                            for x in 0..<3 {
                                let value = rows[y] * columns[x] * inverseGain
                                weights[4 * channel + place, channel, y, x] = value
                                weights[4 * channel + place, (channel + 3) % 6, y, x] = -value
                            }
                        }
                    }
                }
            }
        }
        draw("conv3", scale: 0.02) { weights in
            for colour in 0..<3 {
                for input in 0..<6 { weights.clear(output: colour, input: input) }
                weights[colour, colour, 4, 4] = inverseGain
                weights[colour, colour + 3, 4, 4] = -inverseGain
            }
        }
        store.touch()
    }
}

/// The weights of a convolution, `[outputs, inputs, rows, columns]`.
private struct Weights {
    let shape: [Int]
    var values: [Float]
    var area: Int { shape[2] * shape[3] }

    init(shape: [Int]) {
        self.shape = shape
        values = [Float](repeating: 0, count: shape.reduce(1, *))
    }

    subscript(output: Int, input: Int, y: Int, x: Int) -> Float {
        get { values[((output * shape[1] + input) * shape[2] + y) * shape[3] + x] }
        set { values[((output * shape[1] + input) * shape[2] + y) * shape[3] + x] = newValue }
    }

    mutating func clear(output: Int) {
        for input in 0..<shape[1] { clear(output: output, input: input) }
    }

    mutating func clear(output: Int, input: Int) {
        for y in 0..<shape[2] { for x in 0..<shape[3] { self[output, input, y, x] = 0 } }
    }
}
