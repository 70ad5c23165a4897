import Foundation
import LinuxSupport

/// One event of a worker: a line of JSON on its standard error, written by the worker and read by the daemon.
///
/// `docs/cli.md` lists the fields, in the order in which they are written. Reading trusts nothing: a missing field, a
/// value of another type and a number out of range become empty text, 0 or nil; unknown fields are ignored.
public enum WorkerEvent: Equatable, Sendable {
    /// The model is loaded and the sandbox is in force.
    case start(WorkerStart)
    /// The image's header is read and its tiles are planned.
    case input(WorkerInput)
    /// One more tile is upscaled.
    case progress(WorkerProgress)
    /// The output is complete.
    case result(WorkerResult)
    /// The work failed.
    case error(WorkerFailure)

    /// Reads a line; nil when it is no JSON object or names no known event.
    ///
    /// - line: The bytes without the newline.
    public init?(line: [UInt8]) {
        guard line.first == UInt8(ascii: "{") else { return nil }
        let data = Data(line)
        // The decoder checks only the values that it is asked for; a line that is no JSON as a whole is no event.
        guard (try? JSONSerialization.jsonObject(with: data)) != nil,
            let event = try? JSONDecoder().decode(Self.self, from: data)
        else { return nil }
        self = event
    }

    /// The event as a line of JSON, without the newline.
    public var line: String {
        let (name, fields): (Name, [(String, JSONValue)]) =
            switch self {
            case .start(let event): (.start, event.json)
            case .input(let event): (.input, event.json)
            case .progress(let event): (.progress, event.json)
            case .result(let event): (.result, event.json)
            case .error(let event): (.error, event.json)
            }
        return JSONValue.object([(CodingKeys.event.rawValue, .string(name.rawValue))] + fields).text
    }

    private enum CodingKeys: String, CodingKey { case event }

    /// The value of the field `event`.
    private enum Name: String, Decodable { case start, input, progress, result, error }
}

extension WorkerEvent: Decodable {
    /// Reads an event.
    ///
    /// - Throws: `DecodingError` when the object names no known event.
    public init(from decoder: any Decoder) throws {
        switch try decoder.container(keyedBy: CodingKeys.self).decode(Name.self, forKey: .event) {
        case .start: self = .start(try WorkerStart(from: decoder))
        case .input: self = .input(try WorkerInput(from: decoder))
        case .progress: self = .progress(try WorkerProgress(from: decoder))
        case .result: self = .result(try WorkerResult(from: decoder))
        case .error: self = .error(try WorkerFailure(from: decoder))
        }
    }
}
