import Foundation
import LinuxSupport
import SystemPackage

/// Encodes and decodes messages of the control socket: one JSON object per line, in both directions.
public enum ControlLine {
    /// The protocol version, contained in every message.
    public static let version = 1
    /// The longest accepted line in bytes, without its newline. 256 paths of 4,095 bytes and their subfolders fit into it.
    public static let maximumLength = 6 << 20
    /// The most paths or ids in one request; `srgan-jobs` splits a longer list into several requests.
    public static let maximumItems = 256

    /// Encodes a request as a line, with its newline.
    public static func encode(_ request: ControlRequest) throws -> [UInt8] { try line(request) }

    /// Encodes a reply as a line, with its newline.
    public static func encode(_ reply: ControlReply) throws -> [UInt8] { try line(reply) }

    /// Decodes a request from a line without its newline; throws `ControlError` (malformed, unsupportedVersion).
    public static func decodeRequest(_ line: some Sequence<UInt8>) throws(ControlError) -> ControlRequest {
        try decode(ControlRequest.self, line)
    }

    /// Decodes a reply from a line without its newline; throws `ControlError` (malformed, unsupportedVersion).
    public static func decodeReply(_ line: some Sequence<UInt8>) throws(ControlError) -> ControlReply {
        try decode(ControlReply.self, line)
    }

    /// The end of the year 9999, in milliseconds since 1970.
    private static let latestTime: Int64 = 253_402_300_799_999

    static func checkVersion(_ other: Int) throws(ControlError) {
        guard other == version else {
            throw ControlError(
                .unsupportedVersion,
                "The message has version \(other) of the control protocol; this program uses version \(version).")
        }
    }

    private static func line(_ message: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            let milliseconds = (date.timeIntervalSince1970 * 1000).rounded()
            try container.encode(Int64(min(max(milliseconds, 0), Double(latestTime))))
        }
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try [UInt8](encoder.encode(message)) + [UInt8(ascii: "\n")]
    }

    private static func decode<Message: Decodable>(
        _ type: Message.Type, _ line: some Sequence<UInt8>
    ) throws(ControlError) -> Message {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let container = try decoder.singleValueContainer()
            let milliseconds = try container.decode(Int64.self)
            guard (0...latestTime).contains(milliseconds) else {
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "a time must be milliseconds from 1970 to 9999")
            }
            return Date(timeIntervalSince1970: Double(milliseconds) / 1000)
        }
        do {
            return try decoder.decode(type, from: Data(line))
        } catch let error as ControlError {
            throw error
        } catch {
            throw ControlError(.malformed, "The line is not a message of the control protocol: \(error).")
        }
    }
}

/// A path as it is sent in a message: base64 of its bytes.
struct PathBytes: Codable {
    let path: FilePath

    init(_ path: FilePath) { self.path = path }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let bytes = Data(base64Encoded: try container.decode(String.self)), !bytes.contains(0) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "a path must be base64 of bytes without NUL")
        }
        path = FilePath(bytes: bytes)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Data(path.bytes).base64EncodedString())
    }
}
