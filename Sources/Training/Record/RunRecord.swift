import Foundation
import LinuxSupport
import SystemPackage

/// The record of a run's progress in its folder: `log.jsonl`, `curves.svg`, TensorBoard's event files, `samples/`.
final class RunRecord {
    private let folder: FilePath
    private let log: RunLog
    private let events: EventFile

    /// The log's lines.
    var lines: [[String: Double]] { log.lines }

    /// Continues the record of a run with `iteration` finished steps. If an earlier start of the run recorded later
    /// steps, these steps are removed from the log, and the new event file makes TensorBoard discard them.
    init(in folder: FilePath, iteration: Int) throws(TrainingError) {
        self.folder = folder
        log = try RunLog(folder.appending("log.jsonl"), upTo: iteration)
        events = try EventFile(in: folder, firstStep: iteration + 1)
    }

    /// Records metrics and redraws the curves.
    func append(iteration: Int, _ fields: [String: Double]) throws(TrainingError) {
        try log.append(iteration: iteration, fields)
        let scalars = fields.map { (RunMetrics.tag($0.key), $0.value) }
        try events.append(step: iteration, scalars: Dictionary(uniqueKeysWithValues: scalars))
        let chart = RunCurves.chart(title: folder.lastComponent?.string ?? "", lines: log.lines)
        try AtomicFile.write(Array(chart.svg.utf8), to: folder.appending("curves.svg"))
    }

    /// Writes a comparison image of validation images to `samples/` and to the event file.
    func append(iteration: Int, _ image: RGBImage) throws(TrainingError) {
        let samples = folder.appending("samples")
        let path = samples.appending("\(String(format: "%07d", iteration)).png")
        let bytes: [UInt8]
        do {
            try FileManager.default.createDirectory(atPath: samples.string, withIntermediateDirectories: true)
            let file = try FileDescriptor.open(
                path, .readWrite, options: [.create, .truncate],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
            try file.closeAfter { try image.writePNG(to: file.rawValue) }
            bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path.string)))
        } catch {
            throw TrainingError(.outputFailed, "\(path) cannot be written: \(error)", cause: error)
        }
        try events.append(
            step: iteration, tag: "samples", png: bytes, width: image.width, height: image.height)
    }
}
