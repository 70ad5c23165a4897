import Foundation
import Imaging
import NeuralNetwork

@testable import SRGAN

/// Repeats each pixel, so that tests can predict the pipeline's output exactly.
struct NearestNeighbour: TileGenerator {
    var scale = 4
    var receptiveFieldRadius = 0

    func makeWorkspace(maximumWidth: Int, maximumHeight: Int, sharer: LoopSharer) -> PixelRegion {
        PixelRegion(x: 0, y: 0, width: maximumWidth, height: maximumHeight)
    }

    func upscale(
        _ input: UnsafeBufferPointer<Float>, width: Int, height: Int, keeping: PixelRegion,
        place: TilePlace, into output: UnsafeMutableBufferPointer<Float>, workspace: PixelRegion
    ) throws {
        precondition(width <= workspace.width && height <= workspace.height, "the workspace is too small")
        precondition(input.count == 3 * width * height && output.count == 3 * scale * scale * keeping.pixelCount)
        var position = 0
        for plane in 0..<3 {
            for y in 0..<(keeping.height * scale) {
                let row = input.baseAddress! + (plane * height + keeping.y + y / scale) * width + keeping.x
                for x in 0..<(keeping.width * scale) {
                    output[position] = row[x / scale]
                    position += 1
                }
            }
        }
    }
}

/// Fails at one tile.
struct FailingGenerator: TileGenerator {
    struct Refusal: Error {}
    let scale = 4
    let receptiveFieldRadius = 0

    func makeWorkspace(maximumWidth: Int, maximumHeight: Int, sharer: LoopSharer) {}

    func upscale(
        _ input: UnsafeBufferPointer<Float>, width: Int, height: Int, keeping: PixelRegion,
        place: TilePlace, into output: UnsafeMutableBufferPointer<Float>, workspace: Void
    ) throws {
        // The first red sample identifies the tile's position in the image.
        if input[0] > 0.5 { throw Refusal() }
        output.update(repeating: 0)
    }
}
