/// Makes text of unknown origin safe for a terminal or a log.
public enum PlainText {
    /// Returns the text with `\xNN` for each UTF-8 byte of a character that controls a terminal or changes the writing
    /// direction. For file names use `EscapedBytes`, which takes the name's bytes.
    public static func clean(_ text: String, keepingNewlines: Bool = false) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            if keepingNewlines && scalar == "\n" {
                result.unicodeScalars.append(scalar)
            } else {
                result += clean(scalar)
            }
        }
    }

    /// The character, or `\xNN` for each of its UTF-8 bytes when it is unsafe.
    static func clean(_ scalar: Unicode.Scalar) -> String {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            String(scalar).utf8.map { "\\x" + Hexadecimal.text(CollectionOfOne($0)) }.joined()
        default: String(scalar)
        }
    }
}
