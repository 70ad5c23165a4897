import Foundation
import LinuxSupport
import SystemPackage

/// `log.jsonl`: one JSON object of numbers per line, in the order of the iterations.
///
/// A run that was killed may have logged steps after its last checkpoint. The resumed run repeats those steps bit for
/// bit, so `init` removes their lines. It also removes a line that was only partly written when the run was killed.
final class RunLog {
    /// The name of the field with the iteration, which every line has.
    static let iterationKey = "iteration"

    /// All lines so far.
    private(set) var lines: [[String: Double]] = []

    private let path: FilePath

    /// Reads the log of an earlier start of the run, if there is one.
    ///
    /// - Parameter iteration: The number of finished steps according to the checkpoint; later lines are removed.
    init(_ path: FilePath, upTo iteration: Int) throws(TrainingError) {
        self.path = path
        guard let data = FileManager.default.contents(atPath: path.string) else { return }
        let texts = data.split(separator: UInt8(ascii: "\n"))
        var kept: [Data] = []
        for text in texts {
            guard let line = try? JSONDecoder().decode([String: Double].self, from: text),
                let number = line[Self.iterationKey], number <= Double(iteration)
            else { continue }
            lines.append(line)
            kept.append(text)
        }
        let isWhole = data.isEmpty || data.last == UInt8(ascii: "\n")
        guard kept.count < texts.count || !isWhole else { return }
        try AtomicFile.write(kept.flatMap { $0 + [UInt8(ascii: "\n")] }, to: path)
    }

    /// Adds a line.
    ///
    /// - Parameter fields: The line's fields. Values that are not finite are left out, because JSON cannot represent
    ///   them.
    func append(iteration: Int, _ fields: [String: Double]) throws(TrainingError) {
        var line = fields.filter { $0.value.isFinite }
        line[Self.iterationKey] = Double(iteration)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            let text = try encoder.encode(line) + [UInt8(ascii: "\n")]
            let file = try FileDescriptor.open(
                path, .writeOnly, options: [.create, .append], permissions: [.ownerReadWrite, .groupRead, .otherRead])
            _ = try file.closeAfter { try file.writeAll(text) }
        } catch {
            throw TrainingError(.outputFailed, "\(path) cannot be written: \(error)", cause: error)
        }
        lines.append(line)
    }
}
