import CLinux
import Glibc
import SystemPackage

/// A program that was started as a child, in a process group of its own.
///
/// The caller must call `wait` once; until then the system does not reuse the process number.
public struct ChildProcess: Sendable {
    /// How a process ended.
    public enum Ending: Equatable, Sendable {
        /// The process exited by itself, with this exit code.
        case exited(Int32)
        /// The signal with this number ended the process.
        case signalled(Int32)
    }

    /// The process number, which is also the number of its process group.
    public let pid: pid_t

    /// Starts a program. The program gets three descriptors and no others, no blocked signals and the default handling
    /// of all signals.
    ///
    /// - program: a path; PATH is not searched. The program receives the path's last component as its name (`argv[0]`).
    /// - arguments: without the program's name.
    /// - input: standard input; nil for /dev/null.
    /// - output: standard output; nil for /dev/null.
    /// - error: standard error; nil for /dev/null.
    /// - Throws: `Errno` when the process cannot be created or the program cannot be executed.
    public init(
        _ program: FilePath, arguments: [String], environment: [String: String], input: FileDescriptor?,
        output: FileDescriptor?, error: FileDescriptor?
    ) throws(Errno) {
        var copies: [Int32] = []
        defer { for copy in copies { close(copy) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (target, source) in [input, output, error].enumerated() {
            guard let source else {
                posix_spawn_file_actions_addopen(&actions, Int32(target), "/dev/null", O_RDWR, 0)
                continue
            }
            var descriptor = source.rawValue
            if descriptor < 3 {
                // An earlier action may replace a source descriptor below 3, so use a copy with a higher number.
                descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
                guard descriptor >= 0 else { throw Errno(rawValue: errno) }
                copies.append(descriptor)
            }
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(target))
        }
        // Libraries open some files without O_CLOEXEC; the child must not inherit them.
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

        var argv: [UnsafeMutablePointer<CChar>?] = [strdup(program.lastComponent?.string ?? program.string)]
        argv += arguments.map { strdup($0) }
        argv.append(nil)
        var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") }
        envp.append(nil)
        defer { (argv + envp).forEach { free($0) } }
        var pid: pid_t = 0
        let number = program.withPlatformString { posix_spawn(&pid, $0, &actions, &attributes, argv, envp) }
        guard number == 0 else { throw Errno(rawValue: number) }
        self.pid = pid
    }

    /// Starts a program as `init` does, with a pipe as its standard error.
    ///
    /// - withOutput: true if the pipe is also the program's standard output.
    /// - Returns: the process, and the pipe's end for reading, which the caller closes.
    public static func readingErrors(
        of program: FilePath, arguments: [String], environment: [String: String], input: FileDescriptor? = nil,
        output: FileDescriptor? = nil, withOutput: Bool = false
    ) throws(Errno) -> (process: ChildProcess, errors: FileDescriptor) {
        var ends: [Int32] = [-1, -1]
        guard clinux_pipe_cloexec(&ends) == 0 else { throw Errno(rawValue: errno) }
        // This process closes its end for writing, so that the reader sees the end of the pipe when the child ends.
        defer { close(ends[1]) }
        do {
            let process = try ChildProcess(
                program, arguments: arguments, environment: environment, input: input,
                output: withOutput ? FileDescriptor(rawValue: ends[1]) : output,
                error: FileDescriptor(rawValue: ends[1]))
            return (process, FileDescriptor(rawValue: ends[0]))
        } catch {
            close(ends[0])
            throw error
        }
    }

    /// True when the process has ended. The caller must still call `wait`.
    public var hasEnded: Bool {
        var info = siginfo_t()
        info.si_signo = 0
        return waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT | WNOHANG) == 0 && info.si_signo != 0
    }

    /// Kills the process and its whole group.
    public func killGroup() { kill(-pid, SIGKILL) }

    /// Waits for the end and frees the process number.
    public func wait() -> Ending {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal)
    }
}
