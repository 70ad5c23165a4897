/// A table with aligned columns. Formatting it is a pure function.
struct TextTable {
    /// The side on which the cells of a column are aligned.
    enum Alignment {
        case left, right
    }

    /// One column.
    struct Column {
        var title: String
        var alignment: Alignment = .left
        /// True if the column may be shortened when the table is wider than the terminal.
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
    /// - width: the width of the terminal; nil to shorten nothing, for output to a file or a pipe.
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
            // Removes the padding of empty cells at the end of the line.
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
    }

    /// Narrows the columns that may shrink, always the widest one, until the table fits or each of them is only 12
    /// characters wide.
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
