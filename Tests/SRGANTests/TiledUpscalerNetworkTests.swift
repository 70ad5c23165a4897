import Foundation
import Imaging
import Testing

@testable import SRGAN

/// A real network in the pipeline: tiles and threads must not change its output.
@Suite("Tiles of the network", .serialized)
struct TiledUpscalerNetworkTests {
    let run: PipelineRun
    let generator: LoadedGenerator

    init() throws {
        run = try PipelineRun()
        generator = try LoadedGenerator(model: HashedModel(blocks: 2, channels: 8).file)
    }

    private func image(_ layout: PixelLayout) -> SampleImage {
        SampleImage(width: 75, height: 61, layout: layout) { x, y, channel in
            if layout.hasAlpha && channel == layout.colours {
                return min(1, max(0, Double((x - 30) * (x - 30) + (y - 30) * (y - 30) - 300) / 200))
            }
            let wave = sin(Double(x * (channel + 2)) / 5) * cos(Double(y) / (3 + Double(channel)))
            return (wave + 1) / 2
        }
    }

    @Test(
        "with exact overlap tiles equal the whole image",
        arguments: [
            PixelLayout(colours: 3, hasAlpha: false, bits: 8), PixelLayout(colours: 3, hasAlpha: true, bits: 8),
            PixelLayout(colours: 1, hasAlpha: false, bits: 16),
        ])
    func exact(layout: PixelLayout) throws {
        let image = image(layout)
        let whole = try run.upscale(
            image, generator, TileSettings(tile: 4096, overlap: .exact, threads: 1))
        let tiled = try run.upscale(image, generator, TileSettings(tile: 24, overlap: .exact, threads: 2))
        #expect(whole.layout == layout)
        // Allows one part in 100,000 of the range, or a step of one value that rounding causes.
        let tolerance = layout.bits == 8 ? 1 : 2
        for y in 0..<whole.height {
            for x in 0..<whole.width {
                for channel in 0..<layout.channels {
                    let difference =
                        whole.sample(x: x, y: y, channel: channel) - tiled.sample(x: x, y: y, channel: channel)
                    if abs(difference) > tolerance { Issue.record("\(x), \(y), \(channel): \(difference)") }
                }
            }
        }
    }

    @Test("a kept region does not depend on pixels beyond the receptive field")
    func exactNumbers() throws {
        let (width, height) = (60, 50)
        let radius = generator.receptiveFieldRadius
        let input = (0..<(3 * width * height)).map { Float(($0 * 7919) % 1009) / 1008 }
        func upscale(_ region: PixelRegion, keeping keep: PixelRegion) throws -> [Float] {
            var planes: [Float] = []
            for plane in 0..<3 {
                for y in region.y..<region.endY {
                    for x in region.x..<region.endX { planes.append(input[(plane * height + y) * width + x]) }
                }
            }
            var output = [Float](repeating: 0, count: 48 * keep.pixelCount)
            let workspace = generator.makeWorkspace(maximumWidth: region.width, maximumHeight: region.height)
            try planes.withUnsafeBufferPointer { source in
                try output.withUnsafeMutableBufferPointer {
                    try generator.upscale(
                        source, width: region.width, height: region.height, keeping: keep.relative(to: region),
                        into: $0,
                        workspace: workspace)
                }
            }
            return output
        }
        let all = PixelRegion(x: 0, y: 0, width: width, height: height)
        for keep in [
            PixelRegion(x: 0, y: 0, width: 9, height: 7), PixelRegion(x: 25, y: 20, width: 10, height: 11),
            PixelRegion(x: 59, y: 49, width: 1, height: 1),
        ] {
            let whole = try upscale(all, keeping: keep)
            let part = try upscale(keep.grown(by: radius, imageWidth: width, imageHeight: height), keeping: keep)
            #expect(zip(whole, part).allSatisfy { abs($0 - $1) <= 1e-5 })
        }
    }

    @Test("the number of threads changes neither the chosen tiles nor a bit of the output", arguments: [2, 7, 16])
    func automaticTiles(count: Int) throws {
        let layout = PixelLayout(colours: 3, hasAlpha: false, bits: 16)
        let image = SampleImage(width: 260, height: 230, layout: layout) { x, y, channel in
            let wave = sin(Double(x * (channel + 2)) / 5) * cos(Double(y) / (3 + Double(channel)))
            return (wave + 1) / 2
        }
        let one = try run.upscale(image, generator, TileSettings(overlap: .pixels(3), threads: 1))
        let many = try run.upscale(image, generator, TileSettings(overlap: .pixels(3), threads: count))
        #expect(one == many)
    }

    @Test("the number of threads changes no bit", arguments: [2, 3, 7])
    func threads(count: Int) throws {
        let image = image(PixelLayout(colours: 3, hasAlpha: true, bits: 16))
        let one = try run.upscale(image, generator, TileSettings(tile: 20, overlap: .pixels(6), threads: 1))
        let many = try run.upscale(image, generator, TileSettings(tile: 20, overlap: .pixels(6), threads: count))
        #expect(one == many)
    }
}
