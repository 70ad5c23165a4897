import Foundation
import NeuralNetwork
import Testing

@testable import Training

struct DegradationTests {
    private let context = ComputeContext(threads: 1)

    private func degradation(_ settings: String) throws -> Degradation {
        let configuration = try RunConfiguration.tiny(.pretrain, sections: "[degradation]\n\(settings)")
        return Degradation(try #require(configuration.degradation))
    }

    private static let clean = "kernels = [\"bicubic\"]\nblur = 0\nnoise = 0\njpeg = 0"

    /// One low-resolution and one high-resolution patch of an image, values from 0 to 255.
    private func patches(
        _ degradation: Degradation?, seed: UInt64 = 3, count: Int = 1
    ) throws -> (low: [Float], high: [Float]) {
        let dataset = PatchDataset(
            images: [.shapes(width: 160, height: 160, seed: 8)], crop: 64, augments: true, degradation: degradation)
        let pairs = try BatchLoader.pairs(
            dataset, count: count, crop: 64, seed: seed, number: 5, context: context)
        func values(_ batch: Batch) -> [Float] { batch.tensor.values.map { ($0 + 1) * 127.5 } }
        return (values(pairs.low), values(pairs.high))
    }

    private func meanSquare(_ a: [Float], _ b: [Float]) -> Float {
        zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Float(a.count)
    }

    @Test func noDegradationEqualsTheUsualDownsampling() throws {
        #expect(try patches(degradation(Self.clean)) == patches(nil))
    }

    /// A patch that is degraded in a window and compressed shows the same part of the image: it is close to the clean patch,
    /// and the high-resolution patch is unchanged.
    @Test func aDegradedPatchShowsTheSamePart() throws {
        let settings = "kernels = [\"bicubic\"]\nblur = 1\nblur_sigma = [0.1, 0.11]\nnoise = 0\njpeg_quality = [95, 95]"
        for seed in UInt64(1)...8 {
            // One image per batch, so that the degradation's random numbers do not change the position.
            let (clean, degraded) = (try patches(nil, seed: seed), try patches(degradation(settings), seed: seed))
            #expect(clean.high == degraded.high)
            #expect(meanSquare(clean.low, degraded.low) < 9)
        }
    }

    @Test func noiseHasItsStandardDeviation() throws {
        let base = "kernels = [\"bicubic\"]\nblur = 0\njpeg = 0\nnoise = 1\nnoise_sigma = [6, 6]\n"
        let clean = try patches(nil).low
        for grey in [0, 1] {
            let noisy = try patches(degradation(base + "grey_noise = \(grey)")).low
            let noise = zip(noisy, clean).map { $0 - $1 }
            let deviation = (noise.reduce(0) { $0 + $1 * $1 } / Float(noise.count)).squareRoot()
            #expect(abs(deviation - 6) < 0.8)
            let difference = meanSquare(Array(noise[0..<256]), Array(noise[256..<512])).squareRoot()
            // The difference of two independent colours has sqrt(2) times the deviation; equal colours differ by rounding.
            #expect(grey == 1 ? difference < 1 : abs(difference - 8.5) < 1.5)
        }
    }

    @Test func lowerQualityIsWorse() throws {
        let base = "kernels = [\"bicubic\"]\nblur = 0\nnoise = 0\njpeg = 1\n"
        let clean = try patches(nil).low
        let errors = try [95, 60, 10].map {
            meanSquare(clean, try patches(degradation(base + "jpeg_quality = [\($0), \($0)]")).low)
        }
        #expect(0 < errors[0] && errors[0] < errors[1] && errors[1] < errors[2])
    }

    /// A batch depends only on the seed and its number: a loader that starts later gives the same batches.
    @Test func batchesDoNotDependOnTheStart() throws {
        let dataset = PatchDataset(
            images: [.shapes(width: 96, height: 80, seed: 1)], crop: 32, augments: true,
            degradation: try degradation("jpeg = 0.9"))
        func batches(from first: Int, count: Int) throws -> [Tensor] {
            let loader = BatchLoader(dataset, count: 2, crop: 32, seed: 9, first: first, context: context)
            return try (0..<count).map { _ in try loader.next().pairs.low.tensor }
        }
        let all = try batches(from: 0, count: 5)
        #expect(try batches(from: 3, count: 2) == Array(all[3...]))
        #expect(Set(all.map(\.values)).count == 5)
    }

    /// A run on degraded images that is interrupted and resumed with another number of threads gives the same bits.
    @Test func aRunResumesToTheSameBits() throws {
        func trainer(threads: Int) throws -> Trainer {
            let configuration = try RunConfiguration.tiny(.pretrain, sections: "degradation = { blur = 0.3 }")
            let dataset = PatchDataset(
                images: [.shapes(width: 64, height: 64, seed: 1)], crop: 32, augments: true,
                degradation: configuration.degradation.map { Degradation($0) })
            return try Trainer(configuration, dataset: dataset, context: ComputeContext(threads: threads))
        }
        let whole = try trainer(threads: 2)
        for _ in 0..<4 { _ = try whole.step() }
        let first = try trainer(threads: 1)
        for _ in 0..<2 { _ = try first.step() }
        let second = try trainer(threads: 2)
        try second.restore(first.checkpoint(), name: "checkpoint")
        for _ in 0..<2 { _ = try second.step() }
        #expect(second.checkpoint() == whole.checkpoint())
        #expect(whole.dataWait > .zero)
    }

    @Test func recipesStayInTheirRanges() throws {
        let degradation = try degradation(
            "blur_sigma = [0.5, 1]\nanisotropic = 0.5\nnoise_sigma = [2, 3]\njpeg_quality = [40, 50]")
        var random = SeededGenerator(seed: 1)
        let recipes = (0..<400).map { _ in degradation.draw(random: &random) }
        #expect(Set(recipes.map(\.kernel)).count == 3)
        let blurs = recipes.compactMap(\.blur)
        #expect((120...280).contains(blurs.count))
        #expect(blurs.allSatisfy { (0.5...1).contains($0.sigmas.along) && (0.5...1).contains($0.sigmas.across) })
        #expect(blurs.contains { $0.sigmas.along != $0.sigmas.across } && blurs.contains { $0.angle == 0 })
        #expect(recipes.compactMap(\.noise).allSatisfy { (2...3).contains($0) })
        #expect(Set(recipes.compactMap(\.quality)) == Set(40...50))
    }

    /// The variances of a blurred point are those of the kernel, along its rotated axes.
    @Test func blursHaveTheirShape() {
        var values = [Float](repeating: 0, count: 3 * 31 * 31)
        for plane in 0..<3 { values[plane * 961 + 15 * 31 + 15] = 1 }
        let point = RGBImage(width: 31, height: 31, values: values)
        func moments(_ blur: GaussianBlur) -> (sum: Double, xx: Double, yy: Double, xy: Double) {
            let result = blur(point)
            var moments = (sum: 0.0, xx: 0.0, yy: 0.0, xy: 0.0)
            for i in 0..<961 {
                let (x, y, weight) = (Double(i % 31 - 15), Double(i / 31 - 15), Double(result.values[961 + i]))
                moments = (
                    moments.sum + weight, moments.xx + weight * x * x, moments.yy + weight * y * y,
                    moments.xy + weight * x * y
                )
            }
            return moments
        }
        let flat = moments(GaussianBlur(sigmas: (3, 1), angle: 0))
        #expect(abs(flat.sum - 1) < 1e-5 && abs(flat.xx - 9) < 0.4 && abs(flat.yy - 1) < 0.05 && abs(flat.xy) < 1e-4)
        let steep = moments(GaussianBlur(sigmas: (3, 1), angle: .pi / 2))
        #expect(abs(steep.xx - flat.yy) < 1e-4 && abs(steep.yy - flat.xx) < 1e-4)
        let slanted = moments(GaussianBlur(sigmas: (3, 1), angle: .pi / 4))
        #expect(abs(slanted.xx - slanted.yy) < 1e-4 && slanted.xy > 3)
        // An image of one colour stays unchanged, up to its edges.
        let grey = RGBImage(width: 9, height: 5, values: [Float](repeating: 0.5, count: 135))
        #expect(GaussianBlur(sigmas: (2, 2), angle: 0)(grey).values.allSatisfy { abs($0 - 0.5) < 1e-5 })
    }
}
