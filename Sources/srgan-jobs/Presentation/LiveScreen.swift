/// Lines of a terminal that are overwritten with new ones. `update` only returns the text to write.
struct LiveScreen {
    /// True if old lines can be overwritten. Otherwise each new version is printed below the last one.
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
        // Each new line clears the rest of the old line, and the last one clears everything below. Clearing the whole
        // screen first would make it flicker.
        return up + lines.map { $0 + "\u{1B}[K\n" }.joined() + "\u{1B}[J"
    }
}
