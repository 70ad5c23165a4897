import Foundation
import Imaging
import SystemPackage
import Testing

@testable import SRGAN

/// The border of an image, where the network has no neighbouring pixels.
@Suite("Borders", .serialized)
struct BorderTests {
    @Test(
        "flat colours stay flat as far as the corner", arguments: ["srgan-photo-x4", "srresnet-x4-small"],
        [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 1, 1]] as [[Double]])
    func flat(model: String, colour: [Double]) throws {
        let root = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
        let file = try ModelFile(contentsOf: root.appending("models/\(model).safetensors"))
        let generator = try LoadedGenerator(model: file)
        let layout = PixelLayout(colours: 3, hasAlpha: false, bits: 8)
        let image = SampleImage(width: 40, height: 40, layout: layout) { _, _, channel in colour[channel] }
        let result = try PipelineRun().upscale(image, generator, TileSettings(threads: 1))
        var largest = 0
        for y in 0..<4 {
            for x in 0..<4 {
                for channel in 0..<3 {
                    let corner = result.sample(x: x, y: y, channel: channel)
                    largest = max(largest, abs(corner - result.sample(x: 80, y: 80, channel: channel)))
                }
            }
        }
        #expect(largest <= 2)
    }

    @Test("pixels are reflected at the border, which is repeated")
    func reflection() {
        #expect((-5..<9).map { BorderReflection.source(of: $0, in: 4) } == [3, 3, 2, 1, 0, 0, 1, 2, 3, 3, 2, 1, 0, 0])
        #expect((-3..<3).map { BorderReflection.source(of: $0, in: 1) } == [0, 0, 0, 0, 0, 0])
    }
}
