import Imaging
import NeuralNetwork
import Testing

@testable import SRGAN

/// Properties of the loaded generator besides parity with PyTorch: crops, tiles, kernels, reproducibility.
struct LoadedGeneratorTests {
    private static let model = HashedModel(blocks: 2).file

    private func image(width: Int, height: Int) -> Tensor {
        Tensor(shape: [3, height, width], values: (0..<3 * width * height).map { Float($0 * $0 % 251) / 250 })
    }

    private func crop(_ tensor: Tensor, _ region: PixelRegion, scale: Int) -> Tensor {
        let (height, width) = (tensor.shape[1], tensor.shape[2])
        var values: [Float] = []
        for plane in 0..<3 {
            for row in scale * region.y..<scale * (region.y + region.height) {
                let start = (plane * height + row) * width + scale * region.x
                values += tensor.values[start..<start + scale * region.width]
            }
        }
        return Tensor(shape: [3, scale * region.height, scale * region.width], values: values)
    }

    @Test(arguments: ConvolutionKernels.namesHere + ["reference"])
    func everyKernelAgrees(_ kernels: String) throws {
        let loaded = try LoadedGenerator(model: Self.model, kernels: kernels)
        #expect(loaded.kernels == kernels)
        let (input, expected) = try loadFixture("generator-one-pixel")
        let output = try loaded.upscaled(
            input, keeping: PixelRegion(x: 0, y: 0, width: 1, height: 1),
            workspace: loaded.makeWorkspace(maximumWidth: 1, maximumHeight: 1))
        #expect(
            Tensor(shape: output.shape, values: output.values.map { $0 * 2 - 1 }).largestDifference(to: expected) < 2e-5
        )
    }

    /// AVX2 and AVX-512 add in the same order.
    @Test(.enabled(if: Set(ConvolutionKernels.namesHere).isSuperset(of: ["avx2", "avx512"])))
    func vectorWidthChangesNoBit() throws {
        let input = image(width: 61, height: 47)
        let outputs = try ["avx2", "avx512"].map { kernels in
            let loaded = try LoadedGenerator(model: Self.model, kernels: kernels)
            return try loaded.upscaled(
                input, keeping: PixelRegion(x: 0, y: 0, width: 61, height: 47),
                workspace: loaded.makeWorkspace(maximumWidth: 61, maximumHeight: 47))
        }
        #expect(outputs[0] == outputs[1])
    }

    @Test func unknownKernelsAreRefused() {
        #expect(throws: SRGANError.self) { try LoadedGenerator(model: Self.model, kernels: "mmx") }
    }

    @Test func keptRegionEqualsTheSamePartOfTheWhole() throws {
        let loaded = try LoadedGenerator(model: Self.model)
        let input = image(width: 29, height: 31)
        let workspace = loaded.makeWorkspace(maximumWidth: 37, maximumHeight: 31)
        let whole = try loaded.upscaled(
            input, keeping: PixelRegion(x: 0, y: 0, width: 29, height: 31), workspace: workspace)
        for region in [
            PixelRegion(x: 14, y: 15, width: 1, height: 1), PixelRegion(x: 0, y: 3, width: 9, height: 28),
            PixelRegion(x: 5, y: 6, width: 13, height: 7), PixelRegion(x: 27, y: 0, width: 2, height: 17),
        ] {
            let part = try loaded.upscaled(input, keeping: region, workspace: workspace)
            // The Winograd tiles and the tail's columns are then at other positions, which changes the rounding.
            #expect(part.largestDifference(to: crop(whole, region, scale: 4)) < 2e-5, "\(region)")
        }
    }

    /// With exact overlap, pixels outside the receptive field of the kept region have no effect.
    @Test func tileWithFullOverlapEqualsTheWhole() throws {
        let loaded = try LoadedGenerator(model: HashedModel(blocks: 1, channels: 16).file)
        let radius = loaded.receptiveFieldRadius
        #expect(radius == 10)
        let input = image(width: 30, height: 26)
        let workspace = loaded.makeWorkspace(maximumWidth: 30, maximumHeight: 26)
        let whole = try loaded.upscaled(
            input, keeping: PixelRegion(x: 0, y: 0, width: 30, height: 26), workspace: workspace)
        // The tile is [3, 30) x [2, 26); only [13, 18) x [12, 14) has its whole receptive field in it.
        let tile = crop(input, PixelRegion(x: 3, y: 2, width: 27, height: 24), scale: 1)
        let part = try loaded.upscaled(
            tile, keeping: PixelRegion(x: 10, y: 10, width: 5, height: 2), workspace: workspace)
        let expected = crop(whole, PixelRegion(x: 13, y: 12, width: 5, height: 2), scale: 4)
        #expect(part.largestDifference(to: expected) < 1e-5)
    }

    @Test func aReusedWorkspaceGivesTheSameBits() throws {
        let loaded = try LoadedGenerator(model: Self.model)
        let input = image(width: 18, height: 11)
        let region = PixelRegion(x: 1, y: 2, width: 15, height: 9)
        let fresh = try loaded.upscaled(
            input, keeping: region, workspace: loaded.makeWorkspace(maximumWidth: 18, maximumHeight: 11))
        let used = loaded.makeWorkspace(maximumWidth: 40, maximumHeight: 20)
        let other = image(width: 40, height: 20)
        _ = try loaded.upscaled(other, keeping: PixelRegion(x: 0, y: 0, width: 40, height: 20), workspace: used)
        #expect(try loaded.upscaled(input, keeping: region, workspace: used) == fresh)
    }

    @Test func nonFiniteOutputIsAnError() throws {
        let loaded = try LoadedGenerator(model: Self.model)
        let workspace = loaded.makeWorkspace(maximumWidth: 5, maximumHeight: 5)
        var input = image(width: 5, height: 5)
        input.values[7] = .nan
        let error = #expect(throws: SRGANError.self) {
            try loaded.upscaled(input, keeping: PixelRegion(x: 0, y: 0, width: 5, height: 5), workspace: workspace)
        }
        #expect(error?.code == .notFinite)
    }

    @Test func finalActivationAndRangesAreApplied() throws {
        var model = Self.model
        model.metadata.finalActivation = .tanh
        model.metadata.inputRange = .unit
        model.metadata.outputRange = .unit
        let (fast, plain) = (
            try LoadedGenerator(model: model), try LoadedGenerator(model: model, kernels: "reference")
        )
        let input = image(width: 6, height: 4)
        let region = PixelRegion(x: 0, y: 0, width: 6, height: 4)
        let output = try fast.upscaled(
            input, keeping: region, workspace: fast.makeWorkspace(maximumWidth: 6, maximumHeight: 4))
        let expected = try ReferenceGenerator(model: model)(input)
        #expect(output.largestDifference(to: expected) < 2e-5)
        let slow = try plain.upscaled(
            input, keeping: region, workspace: plain.makeWorkspace(maximumWidth: 6, maximumHeight: 4))
        #expect(slow.largestDifference(to: expected) < 1e-6)
    }

    /// Widths, kernel sizes and scales that the fast kernels do not support use the reference network, and the reason
    /// is reported.
    @Test(arguments: [
        (HashedModel(blocks: 1, channels: 65), "no fast kernels for 65 channels (the maximum is 64)"),
        (
            HashedModel(blocks: 1, channels: 3, kernels: (9, 5, 9)),
            "no fast kernels for inner convolutions of 5 x 5 (only 3 x 3 is supported)"
        ),
        (
            HashedModel(blocks: 1, channels: 3, kernels: (9, 3, 11)),
            "no fast kernels for a last convolution of 11 x 11 (the maximum is 9 x 9)"
        ),
        (
            HashedModel(blocks: 1, channels: 3, stages: 1),
            "no fast kernels for a scale of 2 (only 4 is supported)"
        ),
    ])
    func unsupportedShapesUseTheReferenceNetwork(_ model: HashedModel, _ reason: String) throws {
        let loaded = try LoadedGenerator(model: model.file)
        #expect(loaded.kernels == "reference" && loaded.generalPathReason == reason)
        let input = image(width: 5, height: 4)
        let output = try loaded.upscaled(
            input, keeping: PixelRegion(x: 1, y: 0, width: 3, height: 4),
            workspace: loaded.makeWorkspace(maximumWidth: 5, maximumHeight: 4))
        #expect(output.shape == [3, loaded.scale * 4, loaded.scale * 3])
        #expect(output.values.contains { $0 != 0 })
    }

    /// The fast kernels support up to 64 channels and first and last kernels of up to 9 x 9, with the same results as
    /// the reference network.
    @Test(arguments: [(1, 1, 1), (15, 3, 9), (33, 11, 7), (64, 5, 5)], ConvolutionKernels.namesHere)
    func oddShapesHaveFastKernels(_ shape: (Int, Int, Int), _ kernels: String) throws {
        let (channels, first, last) = shape
        let model = HashedModel(blocks: 1, channels: channels, kernels: (first, 3, last)).file
        let (fast, plain) = (
            try LoadedGenerator(model: model, kernels: kernels),
            try LoadedGenerator(model: model, kernels: "reference")
        )
        #expect(fast.kernels == kernels && fast.generalPathReason == nil && plain.generalPathReason == "asked for")
        let input = image(width: 13, height: 7)
        let region = PixelRegion(x: 2, y: 1, width: 11, height: 5)
        let workspace = fast.makeWorkspace(maximumWidth: 13, maximumHeight: 7)
        let output = try fast.upscaled(input, keeping: region, workspace: workspace)
        let expected = try plain.upscaled(
            input, keeping: region, workspace: plain.makeWorkspace(maximumWidth: 13, maximumHeight: 7))
        // The documented tolerance is 1/255; the measured difference is a thousand times smaller.
        let largest = expected.values.reduce(1) { max($0, abs($1)) }
        #expect(output.largestDifference(to: expected) < 5e-6 * largest)
    }
}

extension ConvolutionKernels {
    /// Every instruction set that this machine supports.
    static let namesHere: [String] = ["avx512", "avx2", "neon", "portable"].filter {
        ConvolutionKernels(named: $0) != nil
    }
}
