import Imaging

/// A fast generator with the memory of one thread.
final class FastGeneratorRunner: TileRunner {
    private let generator: FastGenerator
    private let memory: FastMemory

    /// Allocates all memory for tiles up to the given size.
    init(_ generator: FastGenerator, maximumWidth: Int, maximumHeight: Int) {
        self.generator = generator
        memory = FastMemory(for: generator, maximumWidth: maximumWidth, maximumHeight: maximumHeight)
    }

    func upscale(
        _ input: UnsafePointer<Float>, width: Int, height: Int, keeping: PixelRegion,
        into output: UnsafeMutablePointer<Float>
    ) {
        generator.upscale(input, width: width, height: height, keeping: keeping, into: output, memory: memory)
    }
}
