import Imaging
import NeuralNetwork
import Testing

@testable import SRGAN

/// What the engine promises beyond PyTorch's numbers: crops, tiles, kernels, repeatability.
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
        let engine = try LoadedGenerator(model: Self.model, kernels: kernels)
        #expect(engine.kernels == kernels)
        let (input, expected) = try loadFixture("generator-one-pixel")
        let output = try engine.upscaled(
            input, keeping: PixelRegion(x: 0, y: 0, width: 1, height: 1),
            workspace: engine.makeWorkspace(maximumWidth: 1, maximumHeight: 1))
        #expect(
            Tensor(shape: output.shape, values: output.values.map { $0 * 2 - 1 }).largestDifference(to: expected) < 2e-5
        )
    }

    @Test func unknownKernelsAreRefused() {
        #expect(throws: SRGANError.self) { try LoadedGenerator(model: Self.model, kernels: "mmx") }
    }

    @Test func keptRegionEqualsTheSamePartOfTheWhole() throws {
        let engine = try LoadedGenerator(model: Self.model)
        let input = image(width: 29, height: 31)
        let workspace = engine.makeWorkspace(maximumWidth: 37, maximumHeight: 31)
        let whole = try engine.upscaled(
            input, keeping: PixelRegion(x: 0, y: 0, width: 29, height: 31), workspace: workspace)
        for region in [
            PixelRegion(x: 14, y: 15, width: 1, height: 1), PixelRegion(x: 0, y: 3, width: 9, height: 28),
            PixelRegion(x: 5, y: 6, width: 13, height: 7), PixelRegion(x: 27, y: 0, width: 2, height: 17),
        ] {
            let part = try engine.upscaled(input, keeping: region, workspace: workspace)
            // Winograd's tiles and the tail's columns lie elsewhere then, and round otherwise.
            #expect(part.largestDifference(to: crop(whole, region, scale: 4)) < 2e-5, "\(region)")
        }
    }

    /// The exact overlap: what the network sees around the kept region is all that matters.
    @Test func tileWithFullOverlapEqualsTheWhole() throws {
        let engine = try LoadedGenerator(model: HashedModel(blocks: 1, channels: 16).file)
        let radius = engine.receptiveFieldRadius
        #expect(radius == 10)
        let input = image(width: 30, height: 26)
        let workspace = engine.makeWorkspace(maximumWidth: 30, maximumHeight: 26)
        let whole = try engine.upscaled(
            input, keeping: PixelRegion(x: 0, y: 0, width: 30, height: 26), workspace: workspace)
        // The tile [3, 30) x [2, 26), of which [13, 18) x [12, 14) has its full surroundings.
        let tile = crop(input, PixelRegion(x: 3, y: 2, width: 27, height: 24), scale: 1)
        let part = try engine.upscaled(
            tile, keeping: PixelRegion(x: 10, y: 10, width: 5, height: 2), workspace: workspace)
        let expected = crop(whole, PixelRegion(x: 13, y: 12, width: 5, height: 2), scale: 4)
        #expect(part.largestDifference(to: expected) < 1e-5)
    }

    @Test func aUsedWorkspaceGivesTheSameBits() throws {
        let engine = try LoadedGenerator(model: Self.model)
        let input = image(width: 18, height: 11)
        let region = PixelRegion(x: 1, y: 2, width: 15, height: 9)
        let fresh = try engine.upscaled(
            input, keeping: region, workspace: engine.makeWorkspace(maximumWidth: 18, maximumHeight: 11))
        let used = engine.makeWorkspace(maximumWidth: 40, maximumHeight: 20)
        let other = image(width: 40, height: 20)
        _ = try engine.upscaled(other, keeping: PixelRegion(x: 0, y: 0, width: 40, height: 20), workspace: used)
        #expect(try engine.upscaled(input, keeping: region, workspace: used) == fresh)
    }

    @Test func numbersThatAreNotFiniteAreAnError() throws {
        let engine = try LoadedGenerator(model: Self.model)
        let workspace = engine.makeWorkspace(maximumWidth: 5, maximumHeight: 5)
        var input = image(width: 5, height: 5)
        input.values[7] = .nan
        let error = #expect(throws: SRGANError.self) {
            try engine.upscaled(input, keeping: PixelRegion(x: 0, y: 0, width: 5, height: 5), workspace: workspace)
        }
        #expect(error?.code == .notFinite)
    }

    @Test func finalActivationAndRangesAreHonoured() throws {
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

    /// Widths, kernels and upscalings that no fast kernel covers run through the plain network, which says why.
    @Test(arguments: [
        (HashedModel(blocks: 1, channels: 65), "no fast kernels for 65 channels, more than 64"),
        (
            HashedModel(blocks: 1, channels: 3, kernels: (9, 5, 9)),
            "no fast kernels for inner kernels of 5 x 5, not 3 x 3"
        ),
        (
            HashedModel(blocks: 1, channels: 3, kernels: (9, 3, 11)),
            "no fast kernels for a last kernel of 11 x 11, larger than 9 x 9"
        ),
        (
            HashedModel(blocks: 1, channels: 3, stages: 1),
            "no fast kernels for an upscaling of 2 times in 1 steps, not 4 times in 2"
        ),
    ])
    func unusualShapesRunOnTheGeneralPath(_ model: HashedModel, _ reason: String) throws {
        let engine = try LoadedGenerator(model: model.file)
        #expect(engine.kernels == "reference" && engine.generalPathReason == reason)
        let input = image(width: 5, height: 4)
        let output = try engine.upscaled(
            input, keeping: PixelRegion(x: 1, y: 0, width: 3, height: 4),
            workspace: engine.makeWorkspace(maximumWidth: 5, maximumHeight: 4))
        #expect(output.shape == [3, engine.scale * 4, engine.scale * 3])
        #expect(output.values.contains { $0 != 0 })
    }

    /// Any number of channels up to 64 and any first and last kernel up to 9 x 9 has fast kernels, with the plain network's
    /// images.
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
        // Within 1 of 255 is what is promised; it is a thousand times nearer.
        let largest = expected.values.reduce(1) { max($0, abs($1)) }
        #expect(output.largestDifference(to: expected) < 5e-6 * largest)
    }
}

extension ConvolutionKernels {
    /// Every instruction set that this machine runs.
    static let namesHere: [String] = ["avx512", "avx2", "neon", "portable"].filter {
        ConvolutionKernels(named: $0) != nil
    }
}
