import Foundation
import Imaging
import Testing

@testable import SRGAN

/// Models that run one after another on each tile.
@Suite("Chains", .serialized)
struct GeneratorChainTests {
    let run: PipelineRun

    init() throws {
        run = try PipelineRun()
    }

    private static func generator(_ name: String) throws -> LoadedGenerator {
        try LoadedGenerator(model: ArchitectureFixture("architecture-\(name)").model)
    }

    private func image(_ layout: PixelLayout, width: Int = 75, height: Int = 61) -> SampleImage {
        SampleImage(width: width, height: height, layout: layout) { x, y, channel in
            if layout.hasAlpha && channel == layout.colours { return x < 30 ? 1 : Double((x * 5 + y * 3) % 40) / 39 }
            return 0.5 + 0.4 * sin(Double(x * (channel + 2)) / 5) * cos(Double(y) / (3 + Double(channel)))
        }
    }

    /// With exact overlaps, a tiled chain equals one command after another, up to the rounding of the file between
    /// them, which has 16 bits here. The border must be reflected between the models, and the values clamped; either
    /// mistake changes the result by more than a hundred times as much.
    @Test(
        "a chain in tiles equals one model after the other",
        arguments: [
            ["compact-x2", "compact-x3"], ["rrdb-old-x1", "compact-x2"], ["compact-x2", "compact-x1", "compact-x2"],
        ],
        [PixelLayout(colours: 3, hasAlpha: false, bits: 16), PixelLayout(colours: 1, hasAlpha: false, bits: 16)])
    func equalsOneAfterTheOther(_ names: [String], layout: PixelLayout) throws {
        let generators = try names.map { try Self.generator($0) }
        let image = image(layout)
        var expected = image
        for generator in generators {
            expected = try run.upscale(expected, generator, TileSettings(tile: 4096, overlap: .exact, threads: 1))
        }
        let chain = try GeneratorChain(generators, overlap: .exact)
        let tiled = try run.upscale(image, chain, chain.tileSettings(tile: 24, threads: 2))
        #expect(tiled.width == expected.width && tiled.height == expected.height && tiled.layout == layout)
        var largest = 0
        for y in 0..<tiled.height {
            for x in 0..<tiled.width {
                for channel in 0..<layout.channels {
                    let difference =
                        tiled.sample(x: x, y: y, channel: channel) - expected.sample(x: x, y: y, channel: channel)
                    largest = max(largest, abs(difference))
                }
            }
        }
        #expect(largest <= 4)
    }

    @Test("the number of threads changes no bit", arguments: [nil, 20])
    func threads(tile: Int?) throws {
        let chain = try GeneratorChain([Self.generator("compact-x2"), Self.generator("span-x2")], overlap: .pixels(6))
        let image = image(PixelLayout(colours: 3, hasAlpha: true, bits: 16))
        let one = try run.upscale(image, chain, chain.tileSettings(tile: tile, threads: 1))
        for threads in [2, 5] {
            #expect(try run.upscale(image, chain, chain.tileSettings(tile: tile, threads: threads)) == one)
        }
    }

    /// A later model's tile is large, because the first model upscales; it is computed in parts.
    @Test("a later model computes a large tile in parts")
    func parts() throws {
        let chain = try GeneratorChain([Self.generator("compact-x3"), Self.generator("compact-x1")], overlap: .exact)
        let image = image(PixelLayout(colours: 3, hasAlpha: false, bits: 16), width: 140, height: 90)
        #expect(3 * 140 > GeneratorChain.partSide(chain.stages[1]))
        let whole = try run.upscale(image, chain, chain.tileSettings(tile: 4096, threads: 1))
        let tiled = try run.upscale(image, chain, chain.tileSettings(tile: 32, threads: 1))
        let pairs = zip(whole.bytes, tiled.bytes).enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
        #expect(pairs.allSatisfy { abs(Int($0) - Int($1)) <= 1 })
    }

    @Test("every size has an output", arguments: [(1, 1), (2, 50), (50, 1), (17, 3)])
    func sizes(width: Int, height: Int) throws {
        let chain = try GeneratorChain([Self.generator("compact-x2"), Self.generator("rrdb-new-x2")])
        let image = image(PixelLayout(colours: 3, hasAlpha: true, bits: 8), width: width, height: height)
        let result = try run.upscale(image, chain, chain.tileSettings(tile: 8, threads: 2))
        #expect(result.width == 4 * width && result.height == 4 * height)
    }

    @Test("scales multiply, and overlaps add up in pixels of the first model")
    func sums() throws {
        let (twice, thrice) = (try Self.generator("compact-x2"), try Self.generator("compact-x3"))
        let chain = try GeneratorChain([twice, thrice, twice], overlap: .pixels(16))
        // 16 pixels of the third model are 6 of the second; 22 pixels of the second are 11 of the first.
        #expect(chain.scale == 12 && chain.overlap == 27)
        let radius = twice.receptiveFieldRadius
        #expect(try GeneratorChain([twice, twice]).receptiveFieldRadius == radius + (radius + 1) / 2)
        #expect(try GeneratorChain([twice], overlap: .exact).overlap == radius)
        let error = #expect(throws: SRGANError.self) { try GeneratorChain([twice, thrice, thrice]) }
        #expect(error?.code == .modelUnsupported)
        #expect(
            error?.message == "The models of the chain (x2, x3, x3) upscale 18 times together; the most is 16.")
    }
}
