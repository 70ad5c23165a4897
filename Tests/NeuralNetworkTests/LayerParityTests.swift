import NeuralNetwork
import Testing

/// Every inference layer compared with PyTorch; expected values from scripts/fixtures/make_fixtures.py.
struct LayerParityTests {
    private let fixture: [String: Tensor]

    init() throws {
        fixture = try loadFixture("layers").tensors
    }

    private func tensor(_ name: String) throws -> Tensor {
        try #require(fixture[name], "\(name)")
    }

    @Test(arguments: ["3x3", "9x9", "stride2", "1x1", "valid", "onepixel"])
    func conv2d(_ name: String) throws {
        let numbers = try tensor("conv.\(name).stride_padding").values
        let layer = Conv2d(
            weight: try tensor("conv.\(name).weight"), bias: try tensor("conv.\(name).bias"), stride: Int(numbers[0]),
            padding: Int(numbers[1]))
        let output = layer(try tensor("conv.\(name).input"))
        #expect(output.largestDifference(to: try tensor("conv.\(name).output")) < 1e-5)
    }

    @Test func batchNorm2d() throws {
        let layer = BatchNorm2d(
            weight: try tensor("norm.weight"), bias: try tensor("norm.bias"),
            runningMean: try tensor("norm.running_mean"), runningVariance: try tensor("norm.running_var"), epsilon: 1e-3
        )
        #expect(layer(try tensor("norm.input")).largestDifference(to: try tensor("norm.output")) < 1e-5)
    }

    @Test(arguments: ["shared", "each"])
    func prelu(_ name: String) throws {
        let layer = PReLU(weight: try tensor("prelu.\(name).weight"))
        let output = layer(try tensor("prelu.\(name).input"))
        #expect(output.largestDifference(to: try tensor("prelu.\(name).output")) < 1e-6)
    }

    @Test func pixelShuffle() throws {
        #expect(PixelShuffle(factor: 2)(try tensor("shuffle.input")) == (try tensor("shuffle.output")))
    }

    /// The im2col matrix of a large image is made in bands of rows; the result must not depend on them.
    @Test func conv2dInBandsEqualsItsParts() {
        let weight = Tensor(shape: [2, 32, 9, 9], values: (0..<5184).map { Float($0 % 13) / 13 - 0.5 })
        let layer = Conv2d(weight: weight, bias: Tensor(shape: [2], values: [0.5, -1]), padding: 4)
        let input = Tensor(shape: [32, 40, 60], values: (0..<76800).map { Float($0 % 17) / 17 - 0.5 })
        // 2592 matrix rows and 2400 pixels: three bands of at most 13 image rows and a remainder.
        let whole = layer(input)
        let part = layer(
            Tensor(
                shape: [32, 9, 60],
                values: (0..<32).flatMap { plane in
                    Array(input.values[(plane * 2400 + 600)..<(plane * 2400 + 1140)])
                }))
        for channel in 0..<2 {
            for column in 0..<60 {
                let a = whole.values[(channel * 40 + 14) * 60 + column]
                let b = part.values[(channel * 9 + 4) * 60 + column]
                #expect(abs(a - b) < 1e-4)
            }
        }
    }
}
