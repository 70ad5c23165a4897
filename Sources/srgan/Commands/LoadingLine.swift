import LinuxSupport

/// Shows how many images `srgan train` has read: in one changing line of a terminal, elsewhere in one line at the start.
struct LoadingLine: Sendable {
    private let isTerminal = StandardError.isTerminal

    /// Shows the numbers of read and of all images. Call it with growing numbers, the first of them 0.
    func update(done: Int, of count: Int) {
        if isTerminal {
            StandardError.write("\r\u{1B}[KReading images: \(done) of \(count)")
        } else if done == 0 {
            StandardError.write(line: "Reading \(count) image\(count == 1 ? "" : "s").")
        }
    }

    /// Removes the line from a terminal.
    func clear() {
        if isTerminal { StandardError.write("\r\u{1B}[K") }
    }
}
