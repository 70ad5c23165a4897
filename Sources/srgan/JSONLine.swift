/// A value in a line of JSON.
enum JSONValue {
    case text(String)
    case integer(Int)
    case number(Double)
    case texts([String])

    /// The value as JSON; numbers that are not finite have no form there and become null.
    var encoded: String {
        switch self {
        case .text(let text): Self.quoted(text)
        case .integer(let value): String(value)
        case .number(let value): value.isFinite ? String((value * 1e6).rounded() / 1e6) : "null"
        case .texts(let texts): "[" + texts.map(Self.quoted).joined(separator: ",") + "]"
        }
    }

    /// An object on one line, its entries in the order given.
    static func object(_ entries: KeyValuePairs<String, JSONValue>) -> String {
        "{" + entries.map { "\(quoted($0.key)):\($0.value.encoded)" }.joined(separator: ",") + "}"
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
