import CLinux
import Foundation
import Testing

/// The layers of the worker's sandbox, each by itself, tried from inside by a program that tries to escape.
@Suite("The sandbox from inside")
struct SandboxTests {
    /// What a worker must be able to do.
    static let work: Set<String> = ["thread", "read", "status", "duplicate", "map", "get-limit", "memory", "tried"]
    static let files: Set<String> = [
        "early-open", "open", "openat2", "list", "create", "mkdir", "symlink", "link", "rename", "truncate", "unlink",
    ]
    static let network: Set<String> = ["connect", "bind"]
    /// What often fails without a sandbox: only the superuser may do it, or not every container allows it.
    static let rare: Set<String> = ["mount", "keys", "ptrace"]
    /// What only the system call filter denies.
    static let calls: Set<String> = [
        "memfd", "socket", "unix-socket", "fork", "read-memory", "set-limit", "unshare", "setuid", "prctl", "code",
        "shared-memory",
    ]
    static let all = files.union(network).union(calls).union(rare).union(["unix-bind", "execute", "signal"])

    @Test("without the sandbox every attempt succeeds, so that the other tests prove something")
    func outside() throws {
        let probe = try SandboxProbe()
        #expect(Set(probe.outcomes.keys) == Self.work.union(Self.all))
        #expect(probe.successes.isSuperset(of: Self.work.union(Self.all).subtracting(Self.rare)))
    }

    @Test("the system call filter alone denies every attempt and allows what a worker needs")
    func seccomp() throws {
        let probe = try SandboxProbe("no-new-privileges", "seccomp")
        #expect(probe.successes == Self.work.union(["enter-no-new-privileges", "enter-seccomp"]))
        for name in Self.all { #expect(probe.outcomes[name] == .some(EPERM), "\(name)") }
        #expect(probe.threads.count == 2)
        #expect(probe.threads.allSatisfy { $0 == ("1", "2") }, "a thread that was there before is not held")
    }

    @Test("Landlock alone denies files, TCP, programs and signals, also for threads that existed before")
    func landlock() throws {
        let probe = try SandboxProbe("no-new-privileges", "landlock")
        let denied = Set(probe.outcomes.keys).subtracting(probe.successes)
        let version = clinux_landlock_version()
        guard version > 0 else {
            // A kernel without Landlock: the probe reports this, and nothing else changes.
            #expect(probe.successes.contains("without-landlock"))
            #expect(probe.successes.isSuperset(of: Self.files.union(Self.network)))
            return
        }
        #expect(denied.isSuperset(of: Self.files.subtracting(version < 3 ? ["truncate"] : [])))
        #expect(denied.isSuperset(of: ["unix-bind", "execute"]))
        if version >= 4 { #expect(denied.isSuperset(of: Self.network)) }
        if version >= 6 { #expect(denied.contains("signal")) }
        #expect(probe.successes.isSuperset(of: Self.work))
        #expect(probe.threads.count == 2)
        #expect(probe.threads.allSatisfy { $0.noNewPrivileges == "1" })
    }

    @Test("the filter requires giving up privileges first, except for the superuser")
    func order() throws {
        let probe = try SandboxProbe("seccomp")
        #expect(probe.outcomes["enter-seccomp"] == .some(geteuid() == 0 ? nil : EACCES))
    }

    #if arch(x86_64)
        @Test("calls of another architecture, which have other numbers, end the process", arguments: ["x32", "i386"])
        func otherNumbers(kind: String) throws {
            let probe = try SandboxProbe("no-new-privileges", "seccomp", kind)
            #expect(probe.signal == SIGSYS)
            #expect(probe.outcomes[kind] == nil)
            #expect(try SandboxProbe(kind).outcomes[kind] != nil)
        }
    #endif
}
