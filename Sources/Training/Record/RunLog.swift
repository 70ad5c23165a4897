import Foundation
import LinuxSupport
import SystemPackage

/// `log.jsonl`: one object of numbers a line, in the order of the iterations.
///
/// A run that was killed has logged more than its last checkpoint knows. It is going to take those steps again, to the same
/// bits, so their lines are taken out first; so is a line that the kill cut short.
final class RunLog {
    /// The name of the field that every line has.
    static let iterationKey = "iteration"

    /// All lines so far.
    private(set) var lines: [[String: Double]] = []

    private let path: FilePath

    /// Reads what an earlier start of the run has left.
    ///
    /// - Parameter iteration: How many steps the run has taken according to its checkpoint.
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
    /// - Parameter fields: What is not finite is left out: JSON has no number for it.
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
