import Foundation

/// A fuzzing campaign: runs a parser on many changed inputs and counts the verdicts.
///
/// A campaign has 20,000 inputs, or 1,000,000 if the environment sets SRGAN_TORTURE=1. If a parser crashes or hangs,
/// so does the test process; the file srgan-fuzz-NAME-PID in the temporary folder then holds the number of the
/// current input.
public struct FuzzCampaign: Sendable {
    /// The verdict on one input.
    public enum Verdict: Sendable {
        /// The parser read the input and the result is consistent.
        case accepted
        /// The parser refused the input with a typed error.
        case refused
        /// The parser did neither; the text says what is wrong.
        case wrong(String)
    }

    /// The number of inputs with each verdict.
    public struct Tally: Sendable {
        /// The number of inputs that were read.
        public fileprivate(set) var accepted = 0
        /// The number of inputs that were refused.
        public fileprivate(set) var refused = 0
        /// The first inputs with wrong results, each with its number.
        public fileprivate(set) var wrong: [String] = []
    }

    /// True for `make torture`.
    private static let isFull = ProcessInfo.processInfo.environment["SRGAN_TORTURE"] == "1"
    /// The number of inputs of a campaign without `share`.
    public static let inputCount = isFull ? 1_000_000 : 20_000

    private let name: String
    private let count: Int

    /// - Parameters:
    ///   - name: A name for the table of results and for the file that identifies the input after a crash.
    ///   - share: Runs only one in `share` of the inputs, for campaigns that share a parser or have expensive inputs.
    public init(_ name: String, share: Int = 1) {
        self.name = name
        count = Self.inputCount / share
    }

    /// Runs `judge` on every input of a mutator.
    public func run(_ mutator: Mutator, _ judge: ([UInt8]) throws -> Verdict) rethrows -> Tally {
        try run { index in
            let bytes = mutator.input(index)
            let verdict = try judge(bytes)
            if case .wrong(let what) = verdict { return .wrong("\(what): \(Self.shown(bytes))") }
            return verdict
        }
    }

    /// Runs `judge` on every input number; `judge` makes the input itself.
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
        // scripts/torture collects these lines.
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
