import Foundation

/// Many changed inputs against one parser, and what became of them.
///
/// 20,000 inputs, or 1,000,000 where the environment says SRGAN_TORTURE=1. A parser that crashes or hangs takes the tests
/// with it; the number of the input that it had is then in a file srgan-fuzz-NAME-PID in the temporary folder.
public struct FuzzCampaign: Sendable {
    /// What a parser made of an input.
    public enum Verdict: Sendable {
        /// It was read, and what was read holds together.
        case accepted
        /// A typed error says why it was not read.
        case refused
        /// Neither: what is wrong.
        case wrong(String)
    }

    /// How often each verdict was given.
    public struct Tally: Sendable {
        /// Inputs that were read.
        public fileprivate(set) var accepted = 0
        /// Inputs that were refused.
        public fileprivate(set) var refused = 0
        /// The first wrong ones, each with the input's number.
        public fileprivate(set) var wrong: [String] = []
    }

    /// Whether this is `make torture`.
    private static let isFull = ProcessInfo.processInfo.environment["SRGAN_TORTURE"] == "1"
    /// The number of inputs that each parser gets.
    public static let inputCount = isFull ? 1_000_000 : 20_000

    private let name: String
    private let count: Int

    /// - Parameters:
    ///   - name: A word for the file that names the input after a crash.
    ///   - share: One out of how many inputs this campaign takes, where several share the work on one parser or each input
    ///     costs much.
    public init(_ name: String, share: Int = 1) {
        self.name = name
        count = Self.inputCount / share
    }

    /// Hands every input of a mutator to `judge`.
    public func run(_ mutator: Mutator, _ judge: ([UInt8]) throws -> Verdict) rethrows -> Tally {
        try run { index in
            let bytes = mutator.input(index)
            let verdict = try judge(bytes)
            if case .wrong(let what) = verdict { return .wrong("\(what): \(Self.shown(bytes))") }
            return verdict
        }
    }

    /// Hands the number of every input to `judge`, which makes the input itself.
    public func run(_ judge: (Int) throws -> Verdict) rethrows -> Tally {
        let path = NSTemporaryDirectory() + "/srgan-fuzz-\(name)-\(getpid())"
        let trace = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        defer {
            close(trace)
            unlink(path)
        }
        var tally = Tally()
        for index in 0..<count {
            let line = Array("\(index)\n".utf8)
            _ = pwrite(trace, line, line.count, 0)
            switch try judge(index) {
            case .accepted: tally.accepted += 1
            case .refused: tally.refused += 1
            case .wrong(let what): if tally.wrong.count < 5 { tally.wrong.append("input \(index): \(what)") }
            }
        }
        // scripts/torture gathers such lines.
        let run = Self.isFull ? "full" : "part"
        let figures = "\(count) inputs: \(tally.accepted) read, \(tally.refused) refused with a reason"
        FileHandle.standardOutput.write(Data("torture | fuzzing, \(name) | \(run) | \(figures) |\n".utf8))
        return tally
    }

    private static func shown(_ bytes: [UInt8]) -> String {
        bytes.prefix(2000).map {
            (0x20..<0x7F).contains($0) ? String(UnicodeScalar($0)) : "\\x" + String($0, radix: 16)
        }.joined()
    }
}
