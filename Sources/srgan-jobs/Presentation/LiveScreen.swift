/// Lines that are redrawn in place: a pure function from the lines shown to the next ones.
struct LiveScreen {
    /// True if old lines can be overwritten. Otherwise each change is printed below the last one.
    let isTerminal: Bool
    private var shown: [String]?

    init(isTerminal: Bool) {
        self.isTerminal = isTerminal
    }

    /// The text to write so that `lines` are shown; nil if they are already shown.
    mutating func update(_ lines: [String]) -> String? {
        guard lines != shown else { return nil }
        defer { shown = lines }
        guard isTerminal else { return lines.joined(separator: "\n") + "\n" }
        let up = shown.map { "\u{1B}[\($0.count)A\r" } ?? ""
        // Each line clears the rest of the old one, and the last line everything below: this avoids flicker.
        return up + lines.map { $0 + "\u{1B}[K\n" }.joined() + "\u{1B}[J"
    }
}
