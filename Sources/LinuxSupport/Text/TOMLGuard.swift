/// A look at TOML before its parser sees it.
///
/// toml++ 3.4.0, which TOMLKit carries, ends the process by an assertion where a table's header begins with no name (`[#]`,
/// `[[.a`), where a list is closed by a brace, at what it takes for parts of dates and times, and at some characters outside of
/// texts. A slip of the finger in a configuration must get a message instead; dates have no place in ours.
public struct TOMLGuard {
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    /// Lists and inline tables that are open.
    private var open: [UInt8] = []

    /// What the parser is in the middle of: anything up to a space, a comma, a closing bracket or a comment.
    private enum Word {
        case none
        /// Begins with a digit.
        case number
        case other
    }

    private init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// The line, counted from 1, of the first thing that the parser must not see; nil where there is none.
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

    /// Whether something that begins like a number goes on like a date, a time or a text. What follows an exponent's letter is its
    /// sign.
    private func isNoNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ":"), UInt8(ascii: "\""), UInt8(ascii: "'"): true
        case UInt8(ascii: "-"): !"eEpP".utf8.contains(bytes[position - 1])
        default: false
        }
    }

    /// Steps over a text of one line, or of several between three quotes. What is wrong inside the parser says.
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
                // A text may end with quotes of its own.
                while self.byte() == quote { position += 1 }
                return
            }
            position += 1
        }
    }

    /// Steps into a table's header, whose name the main loop steps over; false where there is none.
    private mutating func skipHeader() -> Bool {
        for _ in 0..<2 where byte() == UInt8(ascii: "[") {
            position += 1
            while byte() == UInt8(ascii: " ") || byte() == UInt8(ascii: "\t") { position += 1 }
        }
        switch byte() {
        // A header without any name, or without an end, has a message of the parser's own.
        case nil, UInt8(ascii: "]"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            return true
        case .some(let byte):
            let isDigit = byte &- UInt8(ascii: "0") < 10
            return isDigit || (byte | 0x20) &- UInt8(ascii: "a") < 26
        }
    }
}
