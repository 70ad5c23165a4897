import Imaging
import NeuralNetwork

/// A fast executor with the memory of one workspace.
final class GraphRunner: TileRunner {
    private let executor: FastExecutor
    private let memory: FastExecutorMemory
    private let sharer: LoopSharer

    /// Allocates the memory for tiles up to the given size.
    init(_ executor: FastExecutor, maximumWidth: Int, maximumHeight: Int, sharer: LoopSharer) {
        self.executor = executor
        self.sharer = sharer
        memory = executor.makeMemory(
            maximumWidth: maximumWidth, maximumHeight: maximumHeight, threads: sharer.threads)
    }

    func upscale(
        _ input: UnsafePointer<Float>, width: Int, height: Int, keeping: PixelRegion,
        into output: UnsafeMutablePointer<Float>
    ) {
        executor(
            input, width: width, height: height,
            keeping: KernelRegion(x: keeping.x..<keeping.endX, y: keeping.y..<keeping.endY), into: output,
            memory: memory, sharer: sharer)
    }
}
