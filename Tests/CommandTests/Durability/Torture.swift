import Foundation

/// How much the tests of durability do: a part of everything in `make test`, all of it in `make torture`, which sets
/// `SRGAN_TORTURE`.
enum Torture {
    static let isFull = ProcessInfo.processInfo.environment["SRGAN_TORTURE"].map { !$0.isEmpty } ?? false

    /// The number of repetitions for this run.
    static func count(_ some: Int, full: Int) -> Int { isFull ? full : some }

    /// Prints a suite's figures, which `scripts/torture` gathers into a table.
    static func report(_ promise: String, _ figures: String) {
        let line = "torture | \(promise) | \(isFull ? "full" : "part") | \(figures) |\n"
        FileHandle.standardOutput.write(Data(line.utf8))
    }

    /// Random numbers of a fixed sequence, so that a run can be repeated.
    struct Generator: RandomNumberGenerator {
        private var state: UInt64

        init(seed: UInt64) { state = seed }

        mutating func next() -> UInt64 {
            // SplitMix64.
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = state
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            return word ^ (word >> 31)
        }
    }
}
