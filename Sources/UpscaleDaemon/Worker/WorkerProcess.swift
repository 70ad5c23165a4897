import CLinux
import Glibc
import LinuxSupport
import SystemPackage

/// One worker: started with three descriptors and a process group of its own, read until it ends, never left behind.
///
/// The thread that starts it must live until it has ended: a worker asks the kernel to be killed with its parent, and
/// the kernel takes the thread for the parent.
struct WorkerProcess {
    private static let longestLine = 1 << 16

    private let process: ChildProcess
    private let pipe: Int32
    private let command: WorkerCommand

    /// The worker's process number.
    var pid: pid_t { process.pid }

    /// Starts a worker.
    ///
    /// - Throws: `DaemonError` (worker) when it cannot be started.
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
                .worker, "A worker cannot be started: \(command.program.escaped) cannot be started: \(error).")
        }
        pipe = errors.rawValue
        clinux_nice_group(pid, Int32(command.nice))
        command.limits.apply(to: pid)
    }

    /// Reads the worker until it has ended.
    ///
    /// - interruption: asked several times a second; the worker is killed when it answers.
    /// - handle: gets each line as it comes.
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
                // It closed its standard error and lives on, or is just about to end.
                usleep(nap)
                nap = min(nap * 2, 100_000)
            }
            if process.hasEnded { break }
            if report.interruption == nil {
                report.interruption = interruption() ?? (Monotonic.now >= deadline ? .timedOut : nil)
                if report.interruption != nil { process.killGroup() }
            }
        }
        // Whatever it started goes with it; its own number stays taken until it is waited for below.
        process.killGroup()
        while isOpen, read(timeout: 0, into: &lines, take) {}
        if let line = lines.rest() { take(line) }
        report.ending = process.wait()
        return report
    }

    /// Reads what is there; false at the end, or when nothing came in time and the time was 0.
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
