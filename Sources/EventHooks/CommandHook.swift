import Foundation
import LinuxSupport
import SystemPackage

/// Runs a program for each event, with the event as JSON on its standard input.
struct CommandHook: Sendable {
    /// The program's path and its arguments.
    let words: [String]
    /// After this time the program and its children are killed, seconds.
    let timeoutSeconds: Double
    /// Gets each line that the program prints, at most `mostLines`.
    let log: @Sendable (String) -> Void

    private static let mostLines = 100

    /// Runs the program and waits for its end. Any ending but exit code 0 is a failure.
    ///
    /// - Throws: `HookError`.
    func run(_ delivery: Delivery) throws(HookError) {
        guard let input = tmpfile() else {
            throw HookError("A temporary file cannot be made: \(Errno(rawValue: errno)).")
        }
        defer { fclose(input) }
        let body = Array((delivery.body + "\n").utf8)
        guard fwrite(body, 1, body.count, input) == body.count, fflush(input) == 0 else {
            throw HookError("A temporary file cannot be written: \(Errno(rawValue: errno)).")
        }
        rewind(input)
        var environment = ProcessInfo.processInfo.environment
        environment["SRGAN_EVENT"] = delivery.kind
        environment["SRGAN_JOB"] = String(delivery.job)
        let process: ChildProcess
        let errors: FileDescriptor
        do {
            (process, errors) = try ChildProcess.readingErrors(
                of: FilePath(words[0]), arguments: Array(words.dropFirst()), environment: environment,
                input: FileDescriptor(rawValue: fileno(input)), withOutput: true)
        } catch {
            throw HookError("\(words[0]) cannot be started: \(error).")
        }
        let isLate = Monitor(false)
        let reader = try? NamedThread(name: "hook-output") { [log] in
            var lines = LineBuffer(longest: 1000)
            var (buffer, count) = ([UInt8](repeating: 0, count: 4096), 0)
            func show(_ line: [UInt8]) {
                count += 1
                if count <= Self.mostLines { log(String(decoding: line, as: UTF8.self)) }
            }
            while let size = try? buffer.withUnsafeMutableBytes({ try errors.read(into: $0) }), size > 0 {
                lines.append(buffer[..<size])
                while let line = lines.next() { show(line) }
            }
            if let line = lines.rest() { show(line) }
            if count > Self.mostLines { log("(\(count - Self.mostLines) more lines are not shown)") }
            try? errors.close()
        }
        let deadline = Monotonic.now + timeoutSeconds
        while !process.hasEnded {
            if Monotonic.now >= deadline {
                isLate.change { $0 = true }
                break
            }
            usleep(20_000)
        }
        // Children that the program left behind must not hold its output open for ever.
        process.killGroup()
        let ending = process.wait()
        reader?.join(timeout: 5)
        if isLate.withLock({ $0 }) {
            throw HookError("\(words[0]) did not end within \(Int(timeoutSeconds)) seconds and was killed.")
        }
        switch ending {
        case .exited(0): return
        case .exited(let code): throw HookError("\(words[0]) ended with exit code \(code).")
        case .signalled(let signal): throw HookError("\(words[0]) was ended by signal \(signal).")
        }
    }
}
