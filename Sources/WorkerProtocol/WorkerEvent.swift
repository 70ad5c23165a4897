import Foundation
import LinuxSupport

/// One event of a worker: a line of JSON on its standard error, written by the worker and read by the daemon.
///
/// `docs/cli.md` lists the fields in the order in which they are written. The daemon does not trust a worker: a missing
/// field, a value of another type or a number out of range becomes an empty text, 0 or nil, and unknown fields are
/// ignored.
public enum WorkerEvent: Equatable, Sendable {
    /// The model is loaded and the sandbox is in force.
    case start(WorkerStart)
    /// The image's header has been read, and the tiles are planned.
    case input(WorkerInput)
    /// One more tile is upscaled.
    case progress(WorkerProgress)
    /// The output is complete.
    case result(WorkerResult)
    /// The work failed.
    case error(WorkerFailure)

    /// Reads an event from a line; nil if the line is not a JSON object or its event is unknown.
    ///
    /// - line: the bytes of the line without the newline.
    public init?(line: [UInt8]) {
        guard line.first == UInt8(ascii: "{") else { return nil }
        let data = Data(line)
        // JSONDecoder checks only the fields that are read, so JSONSerialization first checks that the whole line is
        // valid JSON.
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

    /// The name of an event: the value of the field `event`.
    private enum Name: String, Decodable { case start, input, progress, result, error }
}

extension WorkerEvent: Decodable {
    /// Reads an event.
    ///
    /// - Throws: `DecodingError` if the event is unknown.
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
