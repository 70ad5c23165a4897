import Foundation
import Imaging
import NeuralNetwork
import Testing

@testable import SRGAN

/// The output of every architecture has the same bits for any number of threads, with one tile and with several.
@Suite("threads and the output's bits")
struct ThreadIndependenceTests {
    @Test(
        "one thread and several give the same bits", arguments: ArchitectureParityTests.cases,
        ConvolutionKernels.namesHere)
    func threads(_ name: String, _ kernels: String) throws {
        let run = try PipelineRun()
        let generator = try LoadedGenerator(model: ArchitectureFixture(name).model, kernels: kernels)
        // A side that no scale and no Winograd tile divides, and 16 bits, so that the smallest difference shows.
        let layout = PixelLayout(colours: 3, hasAlpha: false, bits: 16)
        let image = SampleImage(width: 53, height: 47, layout: layout) { x, y, channel in
            (sin(Double(x * (channel + 2)) / 5) * cos(Double(y) / (3 + Double(channel))) + 1) / 2
        }
        for tile in [nil, 20] {
            func upscale(_ threads: Int) throws -> SampleImage {
                try run.upscale(
                    image, generator,
                    TileSettings(
                        tile: tile, maximumTileArea: generator.maximumTileArea,
                        maximumConcurrentTiles: generator.maximumConcurrentTiles, overlap: .pixels(3),
                        threads: threads))
            }
            let one = try upscale(1)
            for threads in [2, 5] { #expect(try upscale(threads) == one, "\(threads) threads, tile \(tile ?? 0)") }
        }
    }
}
