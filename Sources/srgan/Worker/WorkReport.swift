import Imaging
import LinuxSupport
import SRGAN

/// Tells how an upscaling goes on: to a person, or to the daemon.
protocol WorkReport: Sendable {
    func started(model: ModelFile, modelName: String, kernels: String, threads: Int, cage: WorkerCage?)
    func opened(_ reader: ImageReader, plan: TilePlan)
    func finishedTile(_ done: Int, of total: Int)
    func finished(_ reader: ImageReader, _ writer: ImageWriter, _ statistics: UpscaleStatistics, notes: [String])
    func failed(_ failure: Failure)
}

/// The worker protocol: one JSON object a line on standard error.
struct EventReport: WorkReport {
    func started(model: ModelFile, modelName: String, kernels: String, threads: Int, cage: WorkerCage?) {
        emit([
            "event": .string("start"), "version": .string(ProgramVersion.current), "model": .string(modelName),
            "model_sha256": .string(model.sha256), "threads": .integer(threads), "kernels": .string(kernels),
            "cage": cage?.json ?? .null,
        ])
    }

    func opened(_ reader: ImageReader, plan: TilePlan) {
        emit([
            "event": .string("input"), "width": .integer(reader.width), "height": .integer(reader.height),
            "bands": .integer(reader.layout.channels), "bits": .integer(reader.layout.bits),
            "format": .string(reader.format.rawValue), "tiles": .integer(plan.count),
        ])
    }

    func finishedTile(_ done: Int, of total: Int) {
        emit(["event": .string("progress"), "tiles_done": .integer(done), "tiles_total": .integer(total)])
    }

    func finished(_ reader: ImageReader, _ writer: ImageWriter, _ statistics: UpscaleStatistics, notes: [String]) {
        emit([
            "event": .string("result"), "input_width": .integer(reader.width), "input_height": .integer(reader.height),
            "output_width": .integer(writer.width), "output_height": .integer(writer.height),
            "format": .string(writer.format.rawValue), "tiles": .integer(statistics.tiles),
            "decode_seconds": .number(statistics.decodeSeconds), "upscale_seconds": .number(statistics.upscaleSeconds),
            "encode_seconds": .number(statistics.encodeSeconds), "cpu_seconds": .number(ProcessUsage.cpuSeconds),
            "peak_memory_bytes": .integer(ProcessUsage.peakMemoryBytes), "notes": .array(notes.map(JSONValue.string)),
        ])
    }

    func failed(_ failure: Failure) {
        emit(["event": .string("error"), "reason": .string(failure.reason), "message": .string(failure.message)])
    }

    private func emit(_ entries: KeyValuePairs<String, JSONValue>) {
        StandardError.write(
            JSONValue.object(entries.map { ($0.key, $0.value) }).text + "\n", endsProcessWithoutReader: true)
    }
}

/// A progress bar where standard error is a terminal, and sentences.
struct TerminalReport: WorkReport {
    /// The image's name, for messages about it.
    let image: String
    let bar = ProgressBar()

    func started(model: ModelFile, modelName: String, kernels: String, threads: Int, cage: WorkerCage?) {}

    func opened(_ reader: ImageReader, plan: TilePlan) {
        bar.start(tiles: plan.count, pixels: reader.width * reader.height)
    }

    func finishedTile(_ done: Int, of total: Int) { bar.update(done: done) }

    func finished(_ reader: ImageReader, _ writer: ImageWriter, _ statistics: UpscaleStatistics, notes: [String]) {
        bar.clear()
        for note in notes { StandardError.write("srgan: note: \(note)\n") }
    }

    func failed(_ failure: Failure) {
        bar.clear()
        let subject = failure.blamesImage ? "\(image): " : ""
        StandardError.write("srgan: \(subject)\(failure.message)\n")
    }
}
