import Foundation
import Imaging
import LinuxSupport
import SRGAN
import SystemPackage

/// A model as `srgan model list` shows it.
struct ListedModel {
    private let name: String
    private let path: String
    private let bytes: Int64
    private let inboxes: [String]
    /// The architecture's name, for example `RRDBNet`; nil for an unusable model.
    private var family: String?
    /// The upscaling factor; nil for an unusable model.
    private var scale: Int?
    private var license: String?
    /// Megapixels of output per second on one thread; nil if not measured.
    private var megapixelsPerSecond: Double?
    /// Why the model is unusable.
    private(set) var problem: String?

    /// Reads a model file.
    init(name: String, path: FilePath, inboxes: [FilePath], measuresSpeed: Bool) {
        self.name = ArgumentBytes.shown(name)
        self.path = ArgumentBytes.shown(path.string)
        self.inboxes = inboxes.map { ArgumentBytes.shown($0.string) }
        // `stat` follows a symbolic link, so the size is that of the model and not of the link.
        var status = stat()
        bytes = path.withPlatformString { stat($0, &status) } == 0 ? Int64(status.st_size) : 0
        do {
            let file = try ModelFile.opening(path)
            license = file.metadata.license
            let network = try ModelNetwork(file)
            (family, scale) = (network.architecture, network.scale)
            if measuresSpeed { megapixelsPerSecond = try Self.speed(of: LoadedGenerator(model: file)) }
        } catch {
            problem = Failure(error).message
        }
    }

    /// Upscales a grey tile until the time is long enough to measure, and returns the megapixels of output per second.
    private static func speed(of generator: LoadedGenerator) throws -> Double {
        let side = 96
        let input = [Float](repeating: 0.5, count: 3 * side * side)
        var output = [Float](repeating: 0, count: 3 * side * side * generator.scale * generator.scale)
        let workspace = generator.makeWorkspace(maximumWidth: side, maximumHeight: side)
        func once() throws -> Double {
            let began = ContinuousClock.now
            try input.withUnsafeBufferPointer { input in
                try output.withUnsafeMutableBufferPointer { output in
                    try generator.upscale(
                        input, width: side, height: side,
                        keeping: PixelRegion(x: 0, y: 0, width: side, height: side), into: output,
                        workspace: workspace)
                }
            }
            return (ContinuousClock.now - began) / .seconds(1)
        }
        // The first run also loads the memory.
        var times = [try once()]
        while times.count < 3 || times.reduce(0, +) < 0.2 { times.append(try once()) }
        return Double(output.count / 3) / 1e6 / times.sorted()[times.count / 2]
    }

    /// docs/cli.md describes every field.
    var json: JSONValue {
        .object([
            ("name", .string(name)), ("family", JSONValue(family)), ("scale", JSONValue(scale)),
            ("bytes", JSONValue(bytes)), ("license", JSONValue(license)),
            ("megapixels_per_second", JSONValue(megapixelsPerSecond)),
            ("inboxes", .array(inboxes.map { .string($0) })), ("path", .string(path)),
        ])
    }

    private func cells(withSpeed: Bool) -> [String] {
        [
            name, family ?? "-", scale.map { "x\($0)" } ?? "-", String(format: "%.1f MB", Double(bytes) / 1e6),
            license ?? "-",
        ]
            + (withSpeed ? [megapixelsPerSecond.map { String(format: "%.2f", $0) } ?? "-"] : [])
            + [inboxes.isEmpty ? "-" : inboxes.joined(separator: ", "), path]
    }

    /// A table with one line for each model, below a line of titles.
    static func table(_ models: [ListedModel], withSpeed: Bool) -> String {
        let titles =
            ["NAME", "FAMILY", "SCALE", "SIZE", "LICENCE"] + (withSpeed ? ["MPIXEL/S"] : []) + ["INBOX", "FILE"]
        let rows = [titles] + models.map { $0.cells(withSpeed: withSpeed) }
        let widths = titles.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).dropLast().map { $0 + String(repeating: " ", count: $1 - $0.count + 2) }.joined()
                + (row.last ?? "")
        }.joined(separator: "\n")
    }
}
