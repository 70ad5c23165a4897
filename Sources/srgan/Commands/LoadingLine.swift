import LinuxSupport

/// Shows how much of the preparation of `srgan train` is done: in one changing line of a terminal, elsewhere in one line
/// at the start.
struct LoadingLine: Sendable {
    private let isTerminal = StandardError.isTerminal
    private let verb: String
    private let noun: String

    /// - Parameters:
    ///   - verb: What is done, such as "Reading".
    ///   - noun: One of the things with which it is done, such as "image".
    init(_ verb: String, _ noun: String) {
        (self.verb, self.noun) = (verb, noun)
    }

    /// Shows the numbers of finished and of all things. Call it with growing numbers, the first of them 0.
    func update(done: Int, of count: Int) {
        if isTerminal {
            StandardError.write("\r\u{1B}[K\(verb) \(noun)s: \(done) of \(count)")
        } else if done == 0, count > 0 {
            StandardError.write(line: "\(verb) \(count) \(noun)\(count == 1 ? "" : "s").")
        }
    }

    /// Removes the line from a terminal.
    func clear() {
        if isTerminal { StandardError.write("\r\u{1B}[K") }
    }
}
