import Foundation

/// How much the durability tests do: a sample in `make test`, everything in `make torture`, which sets `SRGAN_TORTURE`.
enum Torture {
    static let isFull = ProcessInfo.processInfo.environment["SRGAN_TORTURE"].map { !$0.isEmpty } ?? false

    /// The number of repetitions in this run.
    static func count(_ some: Int, full: Int) -> Int { isFull ? full : some }

    /// Prints a suite's results, which `scripts/torture` collects into a table.
    static func report(_ promise: String, _ figures: String) {
        let line = "torture | \(promise) | \(isFull ? "full" : "part") | \(figures) |\n"
        FileHandle.standardOutput.write(Data(line.utf8))
    }
}
