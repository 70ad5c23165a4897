import CKernels
import Testing

@testable import NeuralNetwork

/// The fast kernels of every instruction set that this machine supports, compared with plain loops on odd sizes.
struct ConvolutionKernelTests {
    struct Shape: Sendable, CustomTestStringConvertible {
        var kernel = 3
        var inputs = 16
        var group = 16
        var groups = 1
        var width: Int
        var height: Int
        /// The distance of the region from the image's right and bottom borders.
        var trim = 0
        var arrangement = WinogradConvolution.Arrangement.plain
        var skip = false
        var slopes = true
        var ending = WinogradConvolution.Ending.rectify
        /// The number of channels in each pixel, of input, output and skip image, that belong to something else.
        var apart = 0

        var testDescription: String {
            "\(kernel)x\(kernel) \(inputs) to \(groups) x \(group), \(width) x \(height) less \(trim), \(arrangement), \(ending), \(apart)"
        }
    }

    static let shapes: [Shape] = [
        Shape(width: 1, height: 1), Shape(width: 3, height: 2, skip: true), Shape(width: 5, height: 7, slopes: false),
        Shape(inputs: 64, group: 64, width: 13, height: 17, skip: true, slopes: false),
        Shape(inputs: 64, group: 64, width: 30, height: 11),
        Shape(inputs: 48, group: 32, width: 23, height: 5, trim: 3),
        Shape(inputs: 32, group: 48, width: 9, height: 9, trim: 4, skip: true),
        Shape(inputs: 64, group: 64, groups: 4, width: 7, height: 6, arrangement: .shuffled),
        Shape(inputs: 16, group: 16, groups: 4, width: 11, height: 5, trim: 1, arrangement: .shuffled, skip: true),
        Shape(inputs: 32, group: 32, groups: 4, width: 6, height: 3),
        Shape(kernel: 5, inputs: 256, group: 16, width: 9, height: 10, slopes: false),
        Shape(kernel: 5, inputs: 16, group: 32, width: 4, height: 13, trim: 2),
        // Channel counts of dense blocks, as parts of wider pixels; the last product has the rest of the channels.
        Shape(inputs: 96, group: 32, width: 11, height: 6, apart: 96),
        Shape(inputs: 160, group: 32, width: 5, height: 9, apart: 32),
        Shape(inputs: 192, group: 64, width: 9, height: 4, skip: true, slopes: false, apart: 16),
        Shape(inputs: 112, group: 16, groups: 3, width: 7, height: 5, skip: true, apart: 48),
        Shape(inputs: 48, group: 48, width: 13, height: 7, slopes: false, ending: .silu, apart: 144),
        Shape(
            inputs: 48, group: 48, width: 6, height: 10, trim: 1, skip: true, slopes: false, ending: .gate, apart: 144),
        Shape(inputs: 32, group: 32, width: 3, height: 3, slopes: false, ending: .silu),
        Shape(inputs: 64, group: 16, groups: 9, width: 5, height: 4, arrangement: .shuffledByThree, apart: 16),
        Shape(inputs: 80, group: 64, groups: 4, width: 9, height: 7, trim: 2, arrangement: .shuffled, apart: 64),
    ]

    static let names: [String] = ["avx512", "avx2", "neon", "portable"].filter { ConvolutionKernels(named: $0) != nil }

    /// Values in [-0.5, 0.5) without a period that could hide a wrong layout.
    private func numbers(_ count: Int, seed: UInt32) -> [Float] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return Float(state >> 8) / 16_777_216 - 0.5
        }
    }

    @Test(arguments: names, shapes)
    func winograd(_ name: String, _ shape: Shape) throws {
        let kernels = try #require(ConvolutionKernels(named: name))
        let outputs = shape.group * shape.groups
        let weights = numbers(outputs * shape.inputs * shape.kernel * shape.kernel, seed: 1)
        let (bias, slopes) = (numbers(outputs, seed: 2), numbers(outputs, seed: 3))
        let layer = WinogradConvolution(
            weight: Tensor(shape: [outputs, shape.inputs, shape.kernel, shape.kernel], values: weights), bias: bias,
            slopes: shape.slopes ? slopes : nil, ending: shape.ending, groups: shape.groups,
            arrangement: shape.arrangement, kernels: kernels)
        let factor = max(1, shape.arrangement.factor)
        let (inputPixel, outputPixel) = (shape.inputs + shape.apart, outputs / (factor * factor) + shape.apart)
        let outputRow = factor * shape.width * outputPixel
        // NaN around the valid region and in the other channels: they must not affect the result.
        let image = AlignedBuffer([Float](repeating: .nan, count: (shape.width + 8) * shape.height * inputPixel))
        let row = (shape.width + 8) * inputPixel
        for y in 0..<shape.height {
            let values = numbers(shape.width * shape.inputs, seed: UInt32(100 + y))
            for (i, value) in values.enumerated() {
                image.start[y * row + (4 + i / shape.inputs) * inputPixel + i % shape.inputs] = value
            }
        }
        let input = RowTable(
            start: image.start + 4 * inputPixel, row: row, count: shape.height, capacity: shape.height)
        let count = factor * shape.height * outputRow
        let skipped = AlignedBuffer(numbers(count, seed: 4))
        let (result, expected) = (AlignedBuffer(count: count), AlignedBuffer(count: count))
        func table(_ buffer: AlignedBuffer) -> RowTable {
            RowTable(start: buffer.start, row: outputRow, count: factor * shape.height, capacity: factor * shape.height)
        }
        let (resultRows, expectedRows, skipRows) = (table(result), table(expected), table(skipped))
        let scratch = AlignedBuffer(count: layer.scratchCount)
        let valid = KernelRegion(x: 0..<shape.width, y: 0..<shape.height)
        let region = KernelRegion(x: shape.trim / 2..<shape.width - shape.trim, y: 0..<shape.height - shape.trim)
        layer(
            input, valid: valid, into: resultRows, skip: shape.skip ? skipRows : nil, region: region,
            scratch: scratch.start, inputPixel: inputPixel, outputPixel: outputPixel, skipPixel: outputPixel)

        bias.withUnsafeBufferPointer { bias in
            slopes.withUnsafeBufferPointer { slopes in
                var plain = ck_winograd_layer(
                    kernel: Int32(shape.kernel), stride: CK_EVERY_PIXEL, input_channels: Int32(shape.inputs),
                    group_channels: Int32(shape.group), groups: Int32(shape.groups), weights: nil,
                    bias: bias.baseAddress, slopes: shape.slopes ? slopes.baseAddress : nil,
                    activation: shape.ending == .silu ? CK_SILU : shape.ending == .gate ? CK_GATE : CK_RECTIFY)
                var call = ck_winograd_call(
                    input_rows: input.constant, tiles: nil, input_valid: valid.region, output_rows: expectedRows.rows,
                    shuffle: Int32(shape.arrangement.factor), skip_rows: shape.skip ? skipRows.constant : nil,
                    rectified_rows: nil, rectified_slope: 1, region: region.region, scratch: nil,
                    input_pixel: inputPixel, output_pixel: outputPixel, skip_pixel: outputPixel)
                ck_convolution_reference_f32(&plain, &call, weights)
            }
        }
        // Sums of `inputs * kernel * kernel` products of up to 1/4. The rounding error of F(4x4, 5x5) is about ten
        // times that of plain sums.
        let tolerance = 5e-6 * Float(shape.inputs * shape.kernel * shape.kernel).squareRoot()
        for i in 0..<count {
            try #require(abs(result.start[i] - expected.start[i]) <= tolerance, "at \(i)")
        }
        withExtendedLifetime((input, skipRows, resultRows, expectedRows)) {}
        withExtendedLifetime((image, skipped, result, expected, scratch)) {}
    }

    @Test(arguments: names)
    func direct(_ name: String) throws {
        let kernels = try #require(ConvolutionKernels(named: name))
        for (inputs, outputs, kernel, width, height) in [(3, 64, 9, 13, 5), (5, 32, 3, 1, 2), (17, 48, 5, 7, 3)] {
            let weight = Tensor(
                shape: [outputs, inputs, kernel, kernel], values: numbers(outputs * inputs * kernel * kernel, seed: 5))
            let (bias, slopes) = (numbers(outputs, seed: 6), numbers(outputs, seed: 7))
            let layer = DirectConvolution(weight: weight, bias: bias, slopes: slopes)
            let image = Tensor(shape: [inputs, height, width], values: numbers(inputs * height * width, seed: 8))
            let (margin, row) = (kernel / 2, inputs * (width + 2 * (kernel / 2) + DirectConvolution.overhang))
            let input = AlignedBuffer(count: row * (height + 2 * margin + 1))
            let (ones, zeros) = ([Float](repeating: 1, count: inputs), [Float](repeating: 0, count: inputs))
            ck_interleave_f32(image.values, inputs, height, width, margin, ones, zeros, input.start, row)
            let output = AlignedBuffer(count: width * height * outputs)
            let rows = RowTable(start: output.start, row: width * outputs, count: height, capacity: height)
            layer(
                input.start, inputRow: row, into: rows, region: KernelRegion(x: 0..<width, y: 0..<height),
                kernels: kernels)
            let expected = PReLU(weight: Tensor(shape: [outputs], values: slopes))(
                Conv2d(weight: weight, bias: Tensor(shape: [outputs], values: bias), padding: margin)(image))
            for channel in 0..<outputs {
                for pixel in 0..<width * height {
                    let difference = abs(
                        output.start[pixel * outputs + channel] - expected.values[channel * width * height + pixel])
                    try #require(difference < 1e-5, "channel \(channel) of pixel \(pixel)")
                }
            }
            withExtendedLifetime((rows, input, output)) {}
        }
    }

    @Test func unknownNamesSelectNothing() {
        #expect(ConvolutionKernels(named: "mmx") == nil)
        #expect(ConvolutionKernels() != nil)
        #expect(Self.names.contains("portable") || Self.names.contains("neon"))
    }
}
