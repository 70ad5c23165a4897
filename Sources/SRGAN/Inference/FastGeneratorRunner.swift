import Imaging
import NeuralNetwork

/// A fast generator with the memory of one workspace.
final class FastGeneratorRunner: TileRunner {
    private let generator: FastGenerator
    private let memory: FastMemory
    private let sharer: LoopSharer

    /// Allocates all memory for tiles up to the given size.
    init(_ generator: FastGenerator, maximumWidth: Int, maximumHeight: Int, sharer: LoopSharer) {
        self.generator = generator
        self.sharer = sharer
        memory = FastMemory(
            for: generator, maximumWidth: maximumWidth, maximumHeight: maximumHeight, threads: sharer.threads)
    }

    func upscale(
        _ input: UnsafePointer<Float>, width: Int, height: Int, keeping: PixelRegion,
        into output: UnsafeMutablePointer<Float>
    ) {
        generator.upscale(
            input, width: width, height: height, keeping: keeping, into: output, memory: memory, sharer: sharer)
    }
}
