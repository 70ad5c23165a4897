/// Text of unknown origin, made safe for a terminal or a log: a pure function.
public enum PlainText {
    /// The text without anything that steers a terminal or turns the writing's direction: such characters become `\xNN` of
    /// their UTF-8 bytes. Names of files are escaped by their bytes instead, before they become text.
    public static func clean(_ text: String, keepingNewlines: Bool = false) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
                if scalar == "\n" && keepingNewlines {
                    result.unicodeScalars.append(scalar)
                } else {
                    for byte in String(scalar).utf8 {
                        let digits = String(byte, radix: 16)
                        result += "\\x" + (digits.count == 1 ? "0" : "") + digits
                    }
                }
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
