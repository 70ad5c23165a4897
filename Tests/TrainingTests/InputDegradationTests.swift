import Testing

@testable import Training

struct InputDegradationTests {
    private let image = RGBImage.shapes(width: 60, height: 44, seed: 4)

    private func error(_ degraded: RGBImage) -> Double {
        PSNR.decibels(Plane.channels(of: image), Plane.channels(of: degraded))
    }

    @Test(arguments: InputDegradation.allCases)
    func theSeedAndTheNameDecide(kind: InputDegradation) throws {
        let first = try kind.apply(to: image, seed: 1, name: "a")
        #expect(first.width == 60 && first.height == 44)
        #expect(try kind.apply(to: image, seed: 1, name: "a") == first)
        #expect(try kind.apply(to: image, seed: 2, name: "a") != first)
        #expect(try kind.apply(to: image, seed: 1, name: "b") != first)
        // Damaged, but still the same image.
        #expect((22...40).contains(error(first)), "\(error(first))")
    }

    /// Noise of standard deviation 4 alone gives 36.1 dB; JPEG of quality 60 removes some of it and adds its own error.
    @Test func webIsNoiseAndCompression() throws {
        let flat = RGBImage(width: 64, height: 64, values: [Float](repeating: 0.5, count: 3 * 64 * 64))
        let degraded = try InputDegradation.web.apply(to: flat, seed: 3, name: "flat")
        let decibels = PSNR.decibels(Plane.channels(of: flat), Plane.channels(of: degraded))
        #expect((33...48).contains(decibels), "\(decibels)")
    }
}
