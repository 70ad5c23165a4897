import CLinux
import Glibc
import LinuxSupport
import ServiceConfiguration
import SystemPackage

/// One worker process, with its own standard input, output and error and its own process group. `run` reads the
/// worker's standard error until the process has ended; the process never outlives `run`.
///
/// If the daemon dies, the worker ends by itself: `srgan upscale --json` watches its parent process.
struct WorkerProcess {
    private static let longestLine = 1 << 16

    private let process: ChildProcess
    private let pipe: Int32
    private let command: WorkerCommand

    /// The worker's process ID.
    var pid: pid_t { process.pid }

    /// Starts a worker.
    ///
    /// - Throws: `DaemonError` with code `.passing` when the process cannot be started.
    init(_ command: WorkerCommand, environment: [String: String], input: FileDescriptor, output: FileDescriptor) throws
    {
        self.command = command
        let errors: FileDescriptor
        do {
            (process, errors) = try ChildProcess.readingErrors(
                of: command.program, arguments: command.arguments, environment: environment, input: input,
                output: output)
        } catch {
            throw DaemonError(
                .passing, "A worker cannot be started: \(command.program.escaped) cannot be started: \(error).")
        }
        pipe = errors.rawValue
        clinux_nice_group(pid, Int32(command.nice))
        command.limits.apply(to: pid)
    }

    /// Reads the worker's lines until it has ended.
    ///
    /// - interruption: called several times a second; the worker is killed when it returns a reason.
    /// - handle: gets each line as it arrives.
    func run(
        interruption: () -> WorkerReport.Interruption?, handle: (WorkerLine) -> Void
    ) -> WorkerReport {
        defer { close(pipe) }
        var report = WorkerReport()
        var lines = LineBuffer(longest: Self.longestLine)
        func take(_ bytes: [UInt8]) {
            let line = WorkerLine(bytes)
            report.add(line)
            handle(line)
        }
        let deadline = Monotonic.now + command.limits.wallSeconds
        var isOpen = true
        var nap: UInt32 = 1000
        while true {
            if isOpen {
                isOpen = read(timeout: 200, into: &lines, take)
            } else {
                // The worker closed its standard error and runs on, or it is about to end.
                usleep(nap)
                nap = min(nap * 2, 100_000)
            }
            if process.hasEnded { break }
            if report.interruption == nil {
                report.interruption = interruption() ?? (Monotonic.now >= deadline ? .timedOut : nil)
                if report.interruption != nil { process.killGroup() }
            }
        }
        // This also ends the worker's own children. It cannot hit another process group, because the process ID is not
        // free for reuse before `wait` below.
        process.killGroup()
        while isOpen, read(timeout: 0, into: &lines, take) {}
        if let line = lines.rest() { take(line) }
        report.ending = process.wait()
        return report
    }

    /// Reads available bytes; false at the end of the stream, or when nothing is available and `timeout` is 0.
    ///
    /// - timeout: milliseconds.
    private func read(timeout: Int32, into lines: inout LineBuffer, _ take: ([UInt8]) -> Void) -> Bool {
        var entry = pollfd(fd: pipe, events: Int16(POLLIN), revents: 0)
        let ready = poll(&entry, 1, timeout)
        if ready == 0 { return timeout > 0 }
        if ready < 0 { return errno == EINTR }
        var buffer = [UInt8](repeating: 0, count: 8192)
        let count = Glibc.read(pipe, &buffer, buffer.count)
        if count < 0 { return errno == EINTR }
        if count == 0 { return false }
        lines.append(buffer[..<count])
        while let line = lines.next() { take(line) }
        return true
    }
}
