import JobQueue
import WorkerProtocol

extension JobMetrics {
    /// Copies the worker's measurements; the values that the daemon measures stay 0.
    init(_ result: WorkerResult, kernels: String?) {
        self.init()
        inputWidth = result.inputWidth
        inputHeight = result.inputHeight
        outputWidth = result.outputWidth
        outputHeight = result.outputHeight
        tiles = result.tiles
        decodeSeconds = result.decodeSeconds
        upscaleSeconds = result.upscaleSeconds
        encodeSeconds = result.encodeSeconds
        cpuSeconds = result.cpuSeconds
        peakMemoryBytes = Int64(result.peakMemoryBytes)
        notes = result.notes
        self.kernels = kernels
    }
}
