import Foundation
import LinuxSupport

/// The protocol between a benchmark script and the inference engines that it measures in turn: lines of text.
enum LineProtocol {
    /// Writes a line immediately; `print` would buffer it if standard output is a pipe.
    static func send(_ text: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data("\(text)\n".utf8))
    }

    /// Sends a greeting, then does the work once for each line of standard input and sends the number of seconds that
    /// the work took.
    static func serve(greeting: String, work: () -> Void) {
        send(greeting)
        while readLine() != nil { send("\(ContinuousClock().measure(work) / .seconds(1))") }
    }

    /// Runs the work on `count` threads in parallel and passes each thread its index.
    static func onThreads(_ count: Int, _ work: @escaping @Sendable (Int) -> Void) {
        let threads = (0..<count).map { index in
            do {
                return try NamedThread(name: "lane-\(index)") { work(index) }
            } catch {
                fatalError("A thread cannot be started: \(error)")
            }
        }
        for thread in threads { thread.join() }
    }
}
