/// Shows bytes of unknown origin so that they cannot control a terminal or begin a new line in a log. Use it for file
/// names.
public enum EscapedBytes {
    /// The bytes as one line of text. Unsafe characters and bytes that are not UTF-8 become `\xNN`. Line breaks and
    /// tabs become `\n`, `\r` and `\t`, and a backslash becomes `\\`. Two different names therefore never look the
    /// same.
    public static func text(_ bytes: [UInt8]) -> String {
        var shown = ""
        var rest = bytes[...]
        while !rest.isEmpty {
            if let (scalar, length) = firstScalar(of: rest) {
                append(scalar, to: &shown)
                rest = rest.dropFirst(length)
            } else {
                shown += "\\x" + Hexadecimal.text(rest.prefix(1))
                rest = rest.dropFirst()
            }
        }
        return shown
    }

    private static func append(_ scalar: Unicode.Scalar, to shown: inout String) {
        switch scalar {
        case "\n": shown += "\\n"
        case "\r": shown += "\\r"
        case "\t": shown += "\\t"
        case "\\": shown += "\\\\"
        default: shown += PlainText.clean(scalar)
        }
    }

    /// Decodes one character strictly; nil when the bytes do not begin with a valid character.
    private static func firstScalar(of bytes: ArraySlice<UInt8>) -> (Unicode.Scalar, Int)? {
        var decoder = UTF8()
        var iterator = bytes.prefix(4).makeIterator()
        guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return nil }
        return (scalar, UTF8.width(scalar))
    }
}
