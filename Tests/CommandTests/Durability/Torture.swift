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
}
