import Foundation
import JobQueue
import LinuxSupport

/// One line that a worker wrote to its standard error.
enum WorkerEvent: Equatable {
    case start(model: String, version: String, cage: WorkerCageReport)
    case input(width: Int, height: Int, tiles: Int, format: String)
    case progress(done: Int, total: Int)
    case result(WorkerResult)
    case error(reason: String, message: String)
    /// What a library, a shell or a newer worker said.
    case text(String)

    /// Reads a line; whatever is no event is text.
    init(line: [UInt8]) {
        let text = WorkerEvent.text(EscapedBytes.text(line))
        guard line.first == UInt8(ascii: "{"),
            let object = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any],
            let event = object["event"] as? String
        else {
            self = text
            return
        }
        func number(_ key: String) -> Int { (object[key] as? NSNumber)?.boundedInt ?? 0 }
        switch event {
        case "start":
            self = .start(
                model: object["model"] as? String ?? "", version: object["version"] as? String ?? "",
                cage: WorkerCageReport(object["cage"]))
        case "input":
            self = .input(
                width: number("width"), height: number("height"), tiles: number("tiles"),
                format: object["format"] as? String ?? "")
        case "progress": self = .progress(done: number("tiles_done"), total: number("tiles_total"))
        case "result": self = .result(WorkerResult(object))
        case "error":
            self = .error(
                reason: object["reason"] as? String ?? "", message: object["message"] as? String ?? "")
        default: self = text
        }
    }
}

/// A worker's `result` event.
struct WorkerResult: Equatable {
    /// What was written: `jpeg`, `png`, `webp`, `tiff`.
    var format: String?
    var metrics = JobMetrics()

    /// Pixels; what libvips can hold.
    private static let longestSide = 10_000_000

    init(_ object: [String: Any]) {
        func number(_ key: String) -> Int { (object[key] as? NSNumber)?.boundedInt ?? 0 }
        func seconds(_ key: String) -> Double {
            let value = (object[key] as? NSNumber)?.doubleValue ?? 0
            return value.isFinite && value >= 0 && value < 1e9 ? value : 0
        }
        format = object["format"] as? String
        // The database sums up their products.
        func side(_ key: String) -> Int { number(key) <= Self.longestSide ? number(key) : 0 }
        metrics.inputWidth = side("input_width")
        metrics.inputHeight = side("input_height")
        metrics.outputWidth = side("output_width")
        metrics.outputHeight = side("output_height")
        metrics.tiles = number("tiles")
        metrics.decodeSeconds = seconds("decode_seconds")
        metrics.upscaleSeconds = seconds("upscale_seconds")
        metrics.encodeSeconds = seconds("encode_seconds")
        metrics.cpuSeconds = seconds("cpu_seconds")
        metrics.peakMemoryBytes = Int64(number("peak_memory_bytes"))
        metrics.notes = (object["notes"] as? [Any])?.compactMap { $0 as? String } ?? []
    }
}

extension NSNumber {
    /// The number if it is one that a size or a count can have, else 0: a worker's words are not trusted.
    fileprivate var boundedInt: Int {
        let value = doubleValue
        return value.isFinite && value >= 0 && value < 1e15 ? Int(value) : 0
    }
}
