import Imaging
import NeuralNetwork

/// The memory that a thread needs to upscale tiles with a chain.
///
/// Not Sendable: each thread makes a workspace for itself.
public final class ChainWorkspace {
    /// The memory of a model after the first one.
    final class Link {
        let workspace: Workspace
        /// Three planes of the input of one part of a tile, and of its output.
        let input, output: UnsafeMutableBufferPointer<Float>
        /// Three planes of a whole tile: the result of the model before.
        private let tile: UnsafeMutableBufferPointer<Float>

        /// - Parameters:
        ///   - width: The largest width of a tile in input pixels of the model.
        ///   - height: The largest height.
        init(_ stage: GeneratorChain.Stage, width: Int, height: Int, sharer: LoopSharer) {
            let side = GeneratorChain.partSide(stage)
            let part = (width: min(side, width), height: min(side, height))
            let read = (width: part.width + 2 * stage.overlap, height: part.height + 2 * stage.overlap)
            workspace = stage.generator.makeWorkspace(
                maximumWidth: read.width, maximumHeight: read.height, sharer: sharer)
            let scale = stage.generator.scale
            input = .allocate(capacity: 3 * read.width * read.height)
            output = .allocate(capacity: 3 * scale * scale * part.width * part.height)
            tile = .allocate(capacity: 3 * width * height)
        }

        deinit {
            for buffer in [input, output, tile] { buffer.deallocate() }
        }

        /// The place for the result of the model before.
        ///
        /// - Parameters:
        ///   - region: The region that the model before upscales, in its input pixels.
        ///   - scale: The scale of the model before.
        func planes(of region: PixelRegion, scale: Int) -> UnsafeMutableBufferPointer<Float> {
            UnsafeMutableBufferPointer(rebasing: tile[0..<3 * scale * scale * region.pixelCount])
        }
    }

    /// The memory of the first model.
    let first: Workspace
    /// The memory of the other models.
    let links: [Link]

    init(_ chain: GeneratorChain, maximumWidth: Int, maximumHeight: Int, sharer: LoopSharer) {
        first = chain.stages[0].generator.makeWorkspace(
            maximumWidth: maximumWidth, maximumHeight: maximumHeight, sharer: sharer)
        var (width, height) = (maximumWidth, maximumHeight)
        links = zip(chain.stages, chain.stages.dropFirst()).map { before, stage in
            width *= before.generator.scale
            height *= before.generator.scale
            return Link(stage, width: width, height: height, sharer: sharer)
        }
    }
}
