/// Lines that are drawn over and over: a pure function from one image to the next.
struct LiveScreen {
    /// Whether old lines can be overwritten. Elsewhere each change is printed below the last one.
    let isTerminal: Bool
    private var shown: [String]?

    init(isTerminal: Bool) {
        self.isTerminal = isTerminal
    }

    /// What to write so that `lines` are shown; nil when they are already.
    mutating func update(_ lines: [String]) -> String? {
        guard lines != shown else { return nil }
        defer { shown = lines }
        guard isTerminal else { return lines.joined(separator: "\n") + "\n" }
        let up = shown.map { "\u{1B}[\($0.count)A\r" } ?? ""
        // Each line clears what is left of the old one, the last one everything below: no flicker.
        return up + lines.map { $0 + "\u{1B}[K\n" }.joined() + "\u{1B}[J"
    }
}
