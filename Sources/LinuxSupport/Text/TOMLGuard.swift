/// Checks TOML before its parser reads it, because some mistakes make the parser end the process.
///
/// TOMLKit contains toml++ 3.4.0, which ends the process by an assertion in four cases: a table's header does not begin
/// with a name (`[#]`, `[[.a`); a brace closes a list; the parser mistakes a word for a part of a date or a time;
/// certain characters appear outside strings. A typing mistake in a configuration must get a message instead. This
/// guard rejects all dates and times, because a configuration contains none.
public struct TOMLGuard {
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    /// The opening brackets of the lists and inline tables around the current position.
    private var open: [UInt8] = []

    /// The kind of word at the current position. A word ends at a space, a comma, a closing bracket or a comment.
    private enum Word {
        case none
        /// Begins with a digit.
        case number
        case other
    }

    private init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// The line, counted from 1, of the first mistake that the parser must not see; nil if there is none.
    public static func lineOfMistake(in text: String) -> Int? {
        var scan = TOMLGuard(text)
        return scan.isClean() ? nil : scan.line
    }

    private func byte(_ ahead: Int = 0) -> UInt8? {
        position + ahead < bytes.count ? bytes[position + ahead] : nil
    }

    private mutating func isClean() -> Bool {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        var isLineStart = true
        var word = Word.none
        while let byte = byte() {
            if byte == UInt8(ascii: "\n") {
                line += 1
                isLineStart = true
                word = .none
                position += 1
                continue
            }
            let isSpace = byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
            if isSpace || "]},#".utf8.contains(byte) {
                word = .none
            } else if word == .number {
                if isNoNumber(byte) { return false }
            } else if "=[{".utf8.contains(byte) {
                word = .none
            } else if word == .none {
                word = byte &- UInt8(ascii: "0") < 10 ? .number : .other
            }
            switch byte {
            case _ where isSpace: position += 1
            case UInt8(ascii: "#"): while let next = self.byte(), next != UInt8(ascii: "\n") { position += 1 }
            case UInt8(ascii: "\""), UInt8(ascii: "'"): skipText(quote: byte)
            case UInt8(ascii: "[") where isLineStart && open.isEmpty: if !skipHeader() { return false }
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                open.append(byte)
                position += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                let opened = open.popLast()
                if byte == UInt8(ascii: "}"), opened == UInt8(ascii: "[") { return false }
                position += 1
            case 0x21..<0x7F: position += 1
            default: return false
            }
            if !isSpace { isLineStart = false }
        }
        return true
    }

    /// True when a word that begins with a digit continues like a date, a time or a string. A minus after an exponent's
    /// letter is allowed, because it is the exponent's sign.
    private func isNoNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ":"), UInt8(ascii: "\""), UInt8(ascii: "'"): true
        case UInt8(ascii: "-"): !"eEpP".utf8.contains(bytes[position - 1])
        default: false
        }
    }

    /// Skips a string: one line, or several lines between triple quotes. The parser itself reports mistakes inside
    /// strings.
    private mutating func skipText(quote: UInt8) {
        let isLong = byte(1) == quote && byte(2) == quote
        position += isLong ? 3 : 1
        while let byte = byte() {
            if byte == UInt8(ascii: "\n") {
                guard isLong else { return }
                line += 1
            } else if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\""), self.byte(1) != UInt8(ascii: "\n") {
                position += 1
            } else if byte == quote, !isLong {
                position += 1
                return
            } else if byte == quote, self.byte(1) == quote, self.byte(2) == quote {
                // The string's last characters may be quotes too, so all adjacent quotes are skipped.
                while self.byte() == quote { position += 1 }
                return
            }
            position += 1
        }
    }

    /// Skips the opening brackets of a table's header; the main loop skips the name. Returns false if no name can begin
    /// here.
    private mutating func skipHeader() -> Bool {
        for _ in 0..<2 where byte() == UInt8(ascii: "[") {
            position += 1
            while byte() == UInt8(ascii: " ") || byte() == UInt8(ascii: "\t") { position += 1 }
        }
        switch byte() {
        // The parser itself reports a header with an empty name or without an end, so this function accepts such
        // headers.
        case nil, UInt8(ascii: "]"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            return true
        case .some(let byte):
            let isDigit = byte &- UInt8(ascii: "0") < 10
            return isDigit || (byte | 0x20) &- UInt8(ascii: "a") < 26
        }
    }
}
