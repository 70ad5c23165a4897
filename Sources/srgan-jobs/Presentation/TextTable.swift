/// A table in columns that line up: a pure function from rows to text.
struct TextTable {
    /// On which side the cells of a column line up.
    enum Alignment {
        case left, right
    }

    /// One column.
    struct Column {
        var title: String
        var alignment: Alignment = .left
        /// Whether the column is shortened when the table is wider than the terminal.
        var shrinks = false
    }

    /// One field of a row.
    struct Cell: ExpressibleByStringInterpolation {
        var text: String
        var style: TerminalText.Style = .plain

        init(_ text: String, _ style: TerminalText.Style = .plain) {
            self.text = text
            self.style = style
        }

        init(stringLiteral value: String) { self.init(value) }
    }

    var columns: [Column]
    var rows: [[Cell]] = []

    /// The lines of the table, the titles first. No line ends with spaces.
    ///
    /// - width: the terminal's columns; nil where nothing is to be shortened (a file, a pipe).
    func lines(width: Int?, colours: Bool) -> [String] {
        var widths = columns.indices.map { column in
            ([columns[column].title] + rows.map { $0[column].text }).map { TerminalText.width($0) }.max() ?? 0
        }
        if let width {
            shrink(&widths, to: width)
        }
        let titles = columns.map { Cell($0.title, .bold) }
        return ([titles] + rows).map { row in
            var line = ""
            var gap = ""
            for column in columns.indices {
                let text = TerminalText.shortened(row[column].text, to: widths[column])
                let padding = String(repeating: " ", count: widths[column] - TerminalText.width(text))
                let shown = TerminalText.styled(text, row[column].style, colours: colours)
                if columns[column].alignment == .right {
                    line += gap + padding + shown
                    gap = "  "
                } else {
                    line += gap + shown
                    gap = padding + "  "
                }
            }
            // Empty cells at the end leave their padding behind.
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
    }

    /// Takes from the columns that shrink, the widest first, until the table fits or they are at 12.
    private func shrink(_ widths: inout [Int], to width: Int) {
        var excess = widths.reduce(0, +) + 2 * (columns.count - 1) - width
        while excess > 0 {
            guard
                let widest = columns.indices.filter({ columns[$0].shrinks && widths[$0] > 12 })
                    .max(by: { widths[$0] < widths[$1] })
            else { return }
            widths[widest] -= 1
            excess -= 1
        }
    }
}
