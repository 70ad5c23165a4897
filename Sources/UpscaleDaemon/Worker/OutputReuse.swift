import JobQueue
import LinuxSupport
import ServiceConfiguration
import SystemPackage

/// Copies the output of a completed job with the same content, model and settings, so that no worker has to run.
struct OutputReuse: Sendable {
    let store: any JobStore
    let settings: LiveSettings

    /// A copy of the earlier output, ready to be published.
    ///
    /// - Returns: nil when there is no such job, or its output is gone, has changed or cannot be opened; a worker then
    ///   makes the output again.
    /// - Throws: `FileError`, `JobStoreError`; no copy is left then.
    func output(for job: Job) throws -> ProducedOutput? {
        guard let twin = try store.completedTwin(of: job), let output = twin.output,
            let source = try? settings.current.folders.openFile(output)
        else { return nil }
        defer { try? source.close() }
        let file = try PendingOutput.create(for: job, in: settings.current.folders)
        do {
            let (sha256, size) = try DurableFile.copy(from: source, to: file.descriptor, name: output)
            guard sha256 == twin.outputSHA256 else {
                file.discard()
                return nil
            }
            return ProducedOutput(
                file: file, format: Self.format(of: output), metrics: Self.metrics(of: twin, outputBytes: size),
                reusedJobID: twin.reusedJobID ?? twin.id)
        } catch {
            file.discard()
            guard let error = error as? FileError, error.isDiskFull, let size = twin.metrics?.outputBytes else {
                throw error
            }
            throw FileError(
                error.code, "\(error.message) The output needs \(FreeSpace.megabytes(size)).",
                systemError: error.systemError)
        }
    }

    /// Copies the sizes, notes and kernels of the earlier job, but not its times, since they were not spent on this job.
    private static func metrics(of twin: Job, outputBytes: Int64) -> JobMetrics {
        var metrics = JobMetrics()
        if let earlier = twin.metrics {
            metrics.inputWidth = earlier.inputWidth
            metrics.inputHeight = earlier.inputHeight
            metrics.outputWidth = earlier.outputWidth
            metrics.outputHeight = earlier.outputHeight
            metrics.notes = earlier.notes
            metrics.kernels = earlier.kernels
        }
        metrics.outputBytes = outputBytes
        return metrics
    }

    /// The image format that belongs to the extension of a published output.
    private static func format(of output: FilePath) -> String? {
        switch output.extension?.lowercased() {
        case "jpg", "jpeg", "jpe", "jfif": "jpeg"
        case "tif", "tiff": "tiff"
        case "png": "png"
        case "webp": "webp"
        default: nil
        }
    }
}
