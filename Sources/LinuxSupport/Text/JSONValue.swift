import Foundation

/// A JSON value whose objects keep the order of their fields. (`JSONEncoder` does not keep it.)
public enum JSONValue: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    /// JSON's null.
    case null
    /// True or false.
    case bool(Bool)
    /// A whole number.
    case integer(Int)
    /// Any number; infinity and NaN have no form in JSON and become null.
    case number(Double)
    /// Text.
    case string(String)
    /// Values in their order.
    case array([JSONValue])
    /// Fields in their order.
    case object([(String, JSONValue)])
    /// Like `array`, but with one element per line, so that long lists stay readable and searchable with grep.
    case lines([JSONValue])

    /// A text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A whole number.
    public init(integerLiteral value: Int) { self = .integer(value) }
    /// True or false.
    public init(booleanLiteral value: Bool) { self = .bool(value) }

    /// A text, or null.
    public init(_ value: String?) { self = value.map { .string($0) } ?? .null }
    /// A whole number, or null.
    public init(_ value: Int?) { self = value.map { .integer($0) } ?? .null }
    /// A whole number, or null.
    public init(_ value: Int64?) { self = value.map { .integer(Int($0)) } ?? .null }
    /// A number, or null.
    public init(_ value: Double?) { self = value.map { .number($0) } ?? .null }

    /// The value as JSON text.
    public var text: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the value's JSON text to a buffer.
    public func append(to buffer: inout [UInt8]) {
        func list(_ values: [JSONValue], separator: StaticString) {
            for (index, value) in values.enumerated() {
                if index > 0 { buffer += separator.bytes }
                value.append(to: &buffer)
            }
        }
        switch self {
        case .null: buffer += ("null" as StaticString).bytes
        case .bool(let value): buffer += (value ? "true" : "false" as StaticString).bytes
        case .integer(let value): buffer += String(value).utf8
        case .number(let value): Self.append(value, to: &buffer)
        case .string(let value): Self.append(value, to: &buffer)
        case .array(let values):
            buffer.append(UInt8(ascii: "["))
            list(values, separator: ",")
            buffer.append(UInt8(ascii: "]"))
        case .lines(let values):
            buffer += (values.isEmpty ? "[" : "[\n" as StaticString).bytes
            list(values, separator: ",\n")
            buffer += (values.isEmpty ? "]" : "\n]" as StaticString).bytes
        case .object(let fields):
            buffer.append(UInt8(ascii: "{"))
            for (index, field) in fields.enumerated() {
                if index > 0 { buffer.append(UInt8(ascii: ",")) }
                Self.append(field.0, to: &buffer)
                buffer.append(UInt8(ascii: ":"))
                field.1.append(to: &buffer)
            }
            buffer.append(UInt8(ascii: "}"))
        }
    }

    /// Writes at most six digits after the decimal point, because the measured times are not more exact than that.
    private static func append(_ value: Double, to buffer: inout [UInt8]) {
        guard value.isFinite else { return JSONValue.null.append(to: &buffer) }
        // Larger numbers have no exact millionths.
        guard abs(value) < 1e9 else {
            var text = String(format: "%.6f", value)
            while text.hasSuffix("0") { text.removeLast() }
            if text.hasSuffix(".") { text.removeLast() }
            buffer += text.utf8
            return
        }
        let millionths = Int((abs(value) * 1e6).rounded(.toNearestOrEven))
        if value < 0, millionths > 0 { buffer.append(UInt8(ascii: "-")) }
        buffer += String(millionths / 1_000_000).utf8
        var rest = millionths % 1_000_000
        var place = 100_000
        if rest > 0 { buffer.append(UInt8(ascii: ".")) }
        while rest > 0 {
            buffer.append(UInt8(ascii: "0") + UInt8(rest / place))
            rest %= place
            place /= 10
        }
    }

    private static func append(_ text: String, to buffer: inout [UInt8]) {
        var text = text
        buffer.append(UInt8(ascii: "\""))
        let isASCII = text.withUTF8 { bytes in
            // Without branches, so that the compiler checks many bytes at once.
            var (needsEscape, isOther) = (false, false)
            for byte in bytes {
                needsEscape = needsEscape || byte == 0x22 || byte == 0x5C
                isOther = isOther || byte < 0x20 || byte > 0x7E
            }
            if isOther { return false }
            if needsEscape {
                for byte in bytes {
                    if byte == 0x22 || byte == 0x5C { buffer.append(0x5C) }
                    buffer.append(byte)
                }
            } else {
                buffer.append(contentsOf: bytes)
            }
            return true
        }
        if !isASCII { for scalar in text.unicodeScalars { append(scalar, to: &buffer) } }
        buffer.append(UInt8(ascii: "\""))
    }

    private static func append(_ scalar: Unicode.Scalar, to buffer: inout [UInt8]) {
        switch scalar {
        case "\"": buffer += ("\\\"" as StaticString).bytes
        case "\\": buffer += ("\\\\" as StaticString).bytes
        case "\n": buffer += ("\\n" as StaticString).bytes
        case "\r": buffer += ("\\r" as StaticString).bytes
        case "\t": buffer += ("\\t" as StaticString).bytes
        default:
            // DEL and the C1 controls can control terminals as well. JSON allows an escape sequence for any character.
            if scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format {
                for unit in String(scalar).utf16 {
                    buffer += ("\\u" + Hexadecimal.text([UInt8(unit >> 8), UInt8(unit & 0xFF)])).utf8
                }
            } else {
                buffer += String(scalar).utf8
            }
        }
    }
}

extension StaticString {
    /// The text's UTF-8 bytes.
    fileprivate var bytes: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount)
    }
}
