import CLinux
import Glibc
import SystemPackage

/// One worker process, with three descriptors and a process group of its own. It is read until it ends, and it never
/// outlives `run`.
///
/// The thread that starts it must live until the worker has ended: a worker asks the kernel to kill it when its parent
/// dies, and for the kernel the parent is the thread.
struct WorkerProcess {
    private static let longestLine = 1 << 16

    let pid: pid_t
    private let pipe: Int32
    private let command: WorkerCommand

    /// Starts a worker.
    ///
    /// - Throws: `DaemonError` (worker) when it cannot be started.
    init(_ command: WorkerCommand, environment: [String: String], input: FileDescriptor, output: FileDescriptor) throws
    {
        self.command = command
        var ends: [Int32] = [-1, -1]
        guard clinux_pipe_cloexec(&ends) == 0 else { throw Self.failure("no pipe can be made", errno) }
        defer { close(ends[1]) }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The sources are above 2, because the daemon keeps 0, 1 and 2 open.
        posix_spawn_file_actions_adddup2(&actions, input.rawValue, 0)
        posix_spawn_file_actions_adddup2(&actions, output.rawValue, 1)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
        clinux_spawn_close_from(&actions, 3)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let program = command.program
        var argv: [UnsafeMutablePointer<CChar>?] = [strdup(program.lastComponent?.string ?? "srgan")]
        argv += command.arguments.map { strdup($0) }
        argv.append(nil)
        var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") }
        envp.append(nil)
        defer { (argv + envp).forEach { free($0) } }
        var pid: pid_t = 0
        let number = program.withPlatformString { posix_spawn(&pid, $0, &actions, &attributes, argv, envp) }
        guard number == 0 else {
            close(ends[0])
            throw Self.failure("\(program.escaped) cannot be started", number)
        }
        self.pid = pid
        pipe = ends[0]
        clinux_nice_group(pid, Int32(command.nice))
        command.limits.apply(to: pid)
    }

    /// Reads the worker's events until it has ended.
    ///
    /// - interruption: called several times a second; the worker is killed when it returns a reason.
    /// - handle: gets each event as it arrives.
    func run(
        interruption: () -> WorkerReport.Interruption?, handle: (WorkerEvent) -> Void
    ) -> WorkerReport {
        defer { close(pipe) }
        var report = WorkerReport()
        var lines = LineSplitter(longest: Self.longestLine)
        func take(_ line: [UInt8]) {
            let event = WorkerEvent(line: line)
            report.add(event)
            handle(event)
        }
        let deadline = Monotonic.now + command.limits.wallSeconds
        var isOpen = true
        var nap: UInt32 = 1000
        while true {
            if isOpen {
                isOpen = read(timeout: 200, into: &lines, take)
            } else {
                // The worker closed its standard error and lives on, or it is about to end.
                usleep(nap)
                nap = min(nap * 2, 100_000)
            }
            if hasEnded { break }
            if report.interruption == nil {
                report.interruption = interruption() ?? (Monotonic.now >= deadline ? .timedOut : nil)
                if report.interruption != nil { kill(-pid, SIGKILL) }
            }
        }
        // Ends the worker's own children too. Its process number cannot be reused before the wait below.
        kill(-pid, SIGKILL)
        while isOpen, read(timeout: 0, into: &lines, take) {}
        lines.finish(take)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        report.ending = signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal)
        return report
    }

    /// Reads available bytes; false at the end of the stream, or when nothing is available and `timeout` is 0.
    ///
    /// - timeout: milliseconds.
    private func read(timeout: Int32, into lines: inout LineSplitter, _ take: ([UInt8]) -> Void) -> Bool {
        var entry = pollfd(fd: pipe, events: Int16(POLLIN), revents: 0)
        let ready = poll(&entry, 1, timeout)
        if ready == 0 { return timeout > 0 }
        if ready < 0 { return errno == EINTR }
        var buffer = [UInt8](repeating: 0, count: 8192)
        let count = Glibc.read(pipe, &buffer, buffer.count)
        if count < 0 { return errno == EINTR }
        if count == 0 { return false }
        lines.add(buffer[..<count], take)
        return true
    }

    /// True when the process has ended. It stays a zombie until it is waited for.
    private var hasEnded: Bool {
        var info = siginfo_t()
        info.si_signo = 0
        return waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT | WNOHANG) == 0 && info.si_signo != 0
    }

    private static func failure(_ what: String, _ number: Int32) -> DaemonError {
        DaemonError(.worker, "A worker cannot be started: \(what): \(Errno(rawValue: number)).", systemError: number)
    }
}
