import Foundation
import LinuxSupport
import SRGAN

/// The conversation with the script that lets several engines take turns.
enum Turns {
    /// Says a line at once: standard output through a pipe would be buffered by print.
    static func say(_ text: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data("\(text)\n".utf8))
    }

    /// Greets, then does the work once for each line of standard input and says how many seconds that took.
    static func take(greeting: String, work: () -> Void) {
        say(greeting)
        while readLine() != nil { say("\(ContinuousClock().measure(work) / .seconds(1))") }
    }

    /// Runs the work on so many threads at once, each with its own number.
    static func onThreads(_ count: Int, _ work: @escaping @Sendable (Int) -> Void) {
        let threads = (0..<count).map { index in NamedThread(name: "lane-\(index)") { work(index) } }
        for thread in threads { thread.join() }
    }
}
