import Imaging
import LinuxSupport
import SRGAN
import WorkerProtocol

/// Reports the progress and the result of upscaling, to a person or to the daemon.
protocol WorkReport: Sendable {
    func started(modelName: String, sha256: String, kernels: String, threads: Int, sandbox: SandboxReport?)
    func opened(_ reader: ImageReader, plan: TilePlan)
    func finishedTile(_ done: Int, of total: Int)
    /// - bytes: the size of the output file; nil if the output is not a regular file.
    func finished(
        _ reader: ImageReader, _ writer: ImageWriter, _ statistics: UpscaleStatistics, bytes: Int64?, notes: [String]
    )
    func failed(_ failure: Failure)
}

/// Reports to the daemon by the worker protocol: each event is one line of JSON on standard error.
struct EventReport: WorkReport {
    func started(modelName: String, sha256: String, kernels: String, threads: Int, sandbox: SandboxReport?) {
        emit(
            .start(
                WorkerStart(
                    version: ProgramVersion.current, model: modelName, modelSHA256: sha256, threads: threads,
                    kernels: kernels, sandbox: sandbox)))
    }

    func opened(_ reader: ImageReader, plan: TilePlan) {
        emit(
            .input(
                WorkerInput(
                    width: reader.width, height: reader.height, bands: reader.layout.channels,
                    bits: reader.layout.bits, format: reader.format.rawValue, tiles: plan.count)))
    }

    func finishedTile(_ done: Int, of total: Int) {
        emit(.progress(WorkerProgress(tilesDone: done, tilesTotal: total)))
    }

    func finished(
        _ reader: ImageReader, _ writer: ImageWriter, _ statistics: UpscaleStatistics, bytes: Int64?, notes: [String]
    ) {
        var result = WorkerResult()
        result.inputWidth = reader.width
        result.inputHeight = reader.height
        result.outputWidth = writer.width
        result.outputHeight = writer.height
        result.format = writer.format.rawValue
        result.tiles = statistics.tiles
        result.decodeSeconds = statistics.decodeSeconds
        result.upscaleSeconds = statistics.upscaleSeconds
        result.encodeSeconds = statistics.encodeSeconds
        result.cpuSeconds = ProcessUsage.cpuSeconds
        result.peakMemoryBytes = ProcessUsage.peakMemoryBytes
        result.notes = notes
        emit(.result(result))
    }

    func failed(_ failure: Failure) { emit(.error(WorkerFailure(failure.reason, message: failure.message))) }

    private func emit(_ event: WorkerEvent) {
        StandardError.write(event.line + "\n", endsProcessWithoutReader: true)
    }
}

/// Reports to a person: a progress bar and the result, if standard error is a terminal, and notes and errors as
/// sentences.
struct TerminalReport: WorkReport {
    /// The image's name, for messages about it.
    let image: String
    /// The output's name.
    let output: String
    let bar = ProgressBar()
    private let began = ContinuousClock.now

    init(image: String, output: String) {
        self.image = image
        self.output = output
    }

    func started(modelName: String, sha256: String, kernels: String, threads: Int, sandbox: SandboxReport?) {}

    func opened(_ reader: ImageReader, plan: TilePlan) {
        bar.start(tiles: plan.count, pixels: reader.width * reader.height)
    }

    func finishedTile(_ done: Int, of total: Int) { bar.update(done: done) }

    func finished(
        _ reader: ImageReader, _ writer: ImageWriter, _ statistics: UpscaleStatistics, bytes: Int64?, notes: [String]
    ) {
        bar.clear()
        for note in notes { StandardError.write("srgan: note: \(note)\n") }
        guard StandardError.isTerminal else { return }
        let facts: [String?] = [
            Quantity.size(writer.width, writer.height), bytes.map(Quantity.bytes),
            Quantity.duration((ContinuousClock.now - began) / .seconds(1)),
        ]
        StandardError.write(line: "\(output): \(facts.compactMap(\.self).joined(separator: ", "))")
    }

    func failed(_ failure: Failure) {
        bar.clear()
        let subject = failure.blamesImage ? "\(image): " : ""
        StandardError.write("srgan: \(subject)\(failure.message)\n")
    }
}
