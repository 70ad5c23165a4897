import Foundation
import LinuxSupport

/// The line protocol of a benchmark script that measures several engines in turn.
enum LineProtocol {
    /// Writes a line at once; `print` would buffer it if standard output is a pipe.
    static func send(_ text: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data("\(text)\n".utf8))
    }

    /// Sends a greeting, then does the work once for each line of standard input and sends the seconds it took.
    static func serve(greeting: String, work: () -> Void) {
        send(greeting)
        while readLine() != nil { send("\(ContinuousClock().measure(work) / .seconds(1))") }
    }

    /// Runs the work on `count` threads at once and passes each thread its index.
    static func onThreads(_ count: Int, _ work: @escaping @Sendable (Int) -> Void) {
        let threads = (0..<count).map { index in NamedThread(name: "lane-\(index)") { work(index) } }
        for thread in threads { thread.join() }
    }
}
