import Imaging
import NeuralNetwork
import SRGAN

/// One thread's network, workspace and buffers for upscaling tiles.
final class Lane: @unchecked Sendable {
    // Invariant: one thread at a time uses a lane, and another thread reads `output` only after that thread has ended.
    private let generator: LoadedGenerator
    private let workspace: Workspace
    private var input: [Float]
    /// The kept region of the last upscaled tile, `[3, 4 * height, 4 * width]`.
    private(set) var output: [Float]

    /// Allocates buffers for tiles of at most this input size and this many kept pixels.
    init(
        generator: LoadedGenerator, inputWidth: Int, inputHeight: Int, keptPixels: Int, sharer: LoopSharer = .alone
    ) {
        self.generator = generator
        workspace = generator.makeWorkspace(maximumWidth: inputWidth, maximumHeight: inputHeight, sharer: sharer)
        input = [Float](repeating: 0, count: 3 * inputWidth * inputHeight)
        output = [Float](repeating: 0, count: 3 * generator.scale * generator.scale * keptPixels)
    }

    /// Upscales a tile of the image `image`, `[3, height, width]`.
    func upscale(_ tile: Tile, of image: [Float], width: Int) {
        let region = tile.input
        let plane = image.count / 3
        let columns = (region.x..<region.endX).map { BorderReflection.source(of: $0, in: width) }
        var next = 0
        for channel in 0..<3 {
            for y in region.y..<region.endY {
                let start = channel * plane + BorderReflection.source(of: y, in: plane / width) * width
                for x in columns {
                    input[next] = image[start + x]
                    next += 1
                }
            }
        }
        let count = 3 * generator.scale * generator.scale * tile.keep.pixelCount
        input.withUnsafeBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                // Cannot fail: the model passed its self-check, and the input is finite.
                try! generator.upscale(
                    UnsafeBufferPointer(rebasing: input[..<next]), width: region.width, height: region.height,
                    keeping: tile.keepInInput, into: UnsafeMutableBufferPointer(rebasing: output[..<count]),
                    workspace: workspace)
            }
        }
    }
}
