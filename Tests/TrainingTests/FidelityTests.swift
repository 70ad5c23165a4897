import Foundation
import NeuralNetwork
import Testing

@testable import Training

/// Resampling, PSNR and SSIM compared with PIL and scikit-image (scripts/fixtures/make_evaluation.py).
struct FidelityTests {
    private let fixture: [String: Tensor]

    init() throws {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/evaluation", withExtension: "safetensors"))
        fixture = try SafetensorsFile(bytes: [UInt8](Data(contentsOf: url)), name: "evaluation").tensors
    }

    private func image(_ name: String) throws -> RGBImage {
        let tensor = try #require(fixture[name])
        return RGBImage(width: tensor.shape[2], height: tensor.shape[1], values: tensor.values.map { $0 / 255 })
    }

    @Test func psnrAndSSIMAgreeWithScikitImage() throws {
        let (a, b) = (try image("original"), try image("blurred"))
        let expected = try #require(fixture["figures"]).values.map(Double.init)
        let luma = ([Plane.luma(of: a)], [Plane.luma(of: b)])
        #expect(abs(PSNR.decibels(luma.0, luma.1) - expected[0]) < 1e-4)
        #expect(abs(try #require(SSIM.mean(luma.0, luma.1)) - expected[1]) < 1e-5)
        let channels = (Plane.channels(of: a), Plane.channels(of: b))
        #expect(abs(PSNR.decibels(channels.0, channels.1) - expected[2]) < 1e-4)
        #expect(abs(try #require(SSIM.mean(channels.0, channels.1)) - expected[3]) < 1e-5)
    }

    @Test func identicalImagesHaveInfinitePSNR() throws {
        let planes = [Plane.luma(of: try image("original"))]
        #expect(PSNR.decibels(planes, planes) == .infinity)
        #expect(abs(try #require(SSIM.mean(planes, planes)) - 1) < 1e-12)
    }

    @Test func tinyImagesHaveNoSSIM() {
        let plane = Plane(width: 10, height: 40, values: [Double](repeating: 1, count: 400))
        #expect(SSIM.mean([plane], [plane]) == nil)
        #expect(plane.withoutBorder(5) == nil)
        #expect(plane.withoutBorder(4)?.width == 2)
    }

    @Test func lumaHasStudioRange() {
        let image = RGBImage(width: 2, height: 1, values: [0, 1, 0, 1, 0, 1])
        let values = Plane.luma(of: image).values
        #expect(abs(values[0] - 16) < 1e-9 && abs(values[1] - 235) < 1e-9)
    }

    @Test func resamplingAgreesWithPIL() throws {
        let original = try image("original")
        let reduced = Resampler.downsample(original, by: 4).roundedTo8Bits()
        for (name, own) in [
            ("reduced", reduced), ("upscaled", Resampler.resize(try image("reduced"), width: 44, height: 52)),
            ("uneven", Resampler.resize(original, width: 33, height: 35)),
            ("area", Resampler.downsample(original, by: 4, kernel: .area)),
            ("bilinear", Resampler.downsample(original, by: 4, kernel: .bilinear)),
        ] {
            let expected = try image(name)
            let rounded = own.roundedTo8Bits()
            #expect(rounded.width == expected.width && rounded.height == expected.height)
            let differences = zip(rounded.values, expected.values).map { abs($0 - $1) * 255 }
            #expect(differences.allSatisfy { $0 < 1.01 }, "\(name): \(differences.max() ?? 0)")
            #expect(differences.reduce(0, +) / Float(differences.count) < 0.2, "\(name)")
        }
    }

    @Test func croppingKeepsTheRightPixels() {
        let image = RGBImage(width: 5, height: 3, values: (0..<45).map(Float.init))
        let cropped = image.cropped(toMultipleOf: 2)
        #expect(cropped.width == 4 && cropped.height == 2)
        #expect(cropped.values.prefix(9) == [0, 1, 2, 3, 5, 6, 7, 8, 15])
    }
}
