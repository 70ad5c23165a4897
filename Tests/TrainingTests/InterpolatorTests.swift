import NeuralNetwork
import SRGAN
import Testing

@testable import Training

/// A network that starts as an interpolator upscales before its first step.
struct InterpolatorTests {
    private static let small = Resampler.downsample(.shapes(width: 160, height: 128, seed: 4), by: 4)

    private func upscaled(
        _ start: RunConfiguration.GeneratorSection.Start, channels: Int = 16
    ) throws -> RGBImage {
        var configuration = try RunConfiguration.tiny(.pretrain)
        configuration.generator.blocks = 3
        configuration.generator.channels = channels
        configuration.generator.trunkNorm = false
        configuration.generator.upsamplingNorm = false
        configuration.generator.start = start
        let data = PatchDataset(images: [.shapes(width: 48, height: 48, seed: 1)], crop: 32, augments: false)
        let trainer = try Trainer(configuration, dataset: data, context: ComputeContext(threads: 2))
        let generator = try LoadedGenerator(model: trainer.model(training: ""))
        return try Evaluator.upscale(Self.small, with: generator)
    }

    private func fidelity(_ image: RGBImage) throws -> Double {
        let bicubic = Resampler.resize(Self.small, width: image.width, height: image.height)
        return PSNR.decibels(
            [try #require(Plane.luma(of: image).withoutBorder(8))],
            [try #require(Plane.luma(of: bicubic).withoutBorder(8))])
    }

    @Test(arguments: [6, 16])
    func aSmoothImageIsUpscaledLikeBicubic(channels: Int) throws {
        #expect(try fidelity(upscaled(.interpolator, channels: channels)) > 30)
    }

    /// Random weights are far below the bound of the test above, so that bound is meaningful.
    @Test func randomWeightsDoNotUpscale() throws {
        #expect(try fidelity(upscaled(.random)) < 20)
    }
}
