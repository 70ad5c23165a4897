/// Makes text of unknown origin safe for a terminal or a log.
public enum PlainText {
    /// The text without characters that steer a terminal or turn the writing's direction: they become `\xNN` of their UTF-8
    /// bytes. For names of files use `EscapedBytes`, before they become text.
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
