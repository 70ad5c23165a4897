import NeuralNetwork
import SRGAN
import Testing

@testable import Training

/// A network that starts as an interpolator enlarges before its first step.
struct InterpolatorTests {
    private static let small = Resampler.downsample(.shapes(width: 160, height: 128, seed: 4), by: 4)

    private func enlarged(
        _ start: RunConfiguration.GeneratorSection.Start, channels: Int = 16
    ) throws -> RGBPicture {
        var configuration = try RunConfiguration.tiny(.pretrain)
        configuration.generator.blocks = 3
        configuration.generator.channels = channels
        configuration.generator.trunkNorm = false
        configuration.generator.upsamplingNorm = false
        configuration.generator.start = start
        let data = PatchDataset(pictures: [.shapes(width: 48, height: 48, seed: 1)], crop: 32, augments: false)
        let trainer = try Trainer(configuration, dataset: data, context: ComputeContext(threads: 2))
        let generator = try InferenceGenerator(model: trainer.model(training: ""))
        return try Evaluator.enlarge(Self.small, with: generator)
    }

    private func fidelity(_ picture: RGBPicture) throws -> Double {
        let bicubic = Resampler.resize(Self.small, width: picture.width, height: picture.height)
        return PSNR.decibels(
            [try #require(Plane.luma(of: picture).withoutBorder(8))],
            [try #require(Plane.luma(of: bicubic).withoutBorder(8))])
    }

    @Test(arguments: [6, 16])
    func aSmoothPictureComesOutAsByBicubicEnlargement(channels: Int) throws {
        #expect(try fidelity(enlarged(.interpolator, channels: channels)) > 30)
    }

    /// The bound above means something: random weights are nowhere near it.
    @Test func randomWeightsDoNotEnlarge() throws {
        #expect(try fidelity(enlarged(.random)) < 20)
    }
}
