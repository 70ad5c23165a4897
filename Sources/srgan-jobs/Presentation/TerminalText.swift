/// Formats text for terminals. All functions are pure.
enum TerminalText {
    /// The colour or weight of a text; the raw value is its parameter in an escape sequence.
    enum Style: String {
        case plain = ""
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case cyan = "36"
    }

    /// The text in a style, or the unchanged text if `colours` is false.
    static func styled(_ text: String, _ style: Style, colours: Bool) -> String {
        colours && style != .plain && !text.isEmpty ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// The number of terminal columns that a text takes.
    static func width(_ text: String) -> Int {
        text.reduce(0) { $0 + width($1) }
    }

    /// The number of terminal columns that a character takes: 2 for wide East Asian characters and emoji, 0 for a
    /// combining mark without a base character, 1 for all others.
    static func width(_ character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: break
        }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
            0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F,
            0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }

    /// Shortens a text to at most `columns` by replacing its middle with an ellipsis. Of a path, the beginning then
    /// still shows the folder, and the end shows the number and extension of the file.
    static func shortened(_ text: String, to columns: Int) -> String {
        guard width(text) > columns else { return text }
        guard columns > 1 else { return columns == 1 ? "…" : "" }
        let room = columns - 1
        var head = ""
        var tail = ""
        var used = 0
        for character in text {
            guard used + width(character) <= room / 2 else { break }
            used += width(character)
            head.append(character)
        }
        for character in text.reversed() {
            guard used + width(character) <= room else { break }
            used += width(character)
            tail.insert(character, at: tail.startIndex)
        }
        return head + "…" + tail
    }
}
