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
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): "\(value)"
        case .number(let value): value.isFinite ? Self.number(value) : "null"
        case .string(let value): Self.quoted(value)
        case .array(let values): "[" + values.map(\.text).joined(separator: ",") + "]"
        case .lines(let values):
            values.isEmpty ? "[]" : "[\n" + values.map(\.text).joined(separator: ",\n") + "\n]"
        case .object(let fields):
            "{" + fields.map { Self.quoted($0) + ":" + $1.text }.joined(separator: ",") + "}"
        }
    }

    /// Writes at most six digits after the decimal point, because the measured times are not more exact than that.
    private static func number(_ value: Double) -> String {
        var text = String(format: "%.6f", value)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text == "-0" ? "0" : text
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default:
                // DEL and the C1 controls can control terminals as well. JSON allows an escape sequence for any
                // character.
                if scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format {
                    for unit in String(scalar).utf16 {
                        result += "\\u" + Hexadecimal.text([UInt8(unit >> 8), UInt8(unit & 0xFF)])
                    }
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }
}
