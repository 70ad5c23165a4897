import DaemonControl
import Foundation
import JobQueue
import LinuxSupport
import SystemPackage
import Testing

/// The system is short of something, or a file that the daemon relies on is damaged: the work is delayed and not lost.
@Suite struct DaemonTroubleTests {
    /// Replaces functions of the C library while the file `trouble` exists in the daemon's folder; returns the
    /// environment for the daemon.
    private func preload(_ daemon: DaemonHarness, _ functions: String, error: Int32) throws -> [String: String] {
        var environment = try daemon.preload(
            #"""
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <errno.h>
            #include <fcntl.h>
            #include <spawn.h>
            #include <stdarg.h>
            #include <stdlib.h>
            #include <string.h>
            #include <unistd.h>

            static int in_trouble(void) { return access(getenv("TROUBLE"), F_OK) == 0; }
            static int trouble(void) { return atoi(getenv("TROUBLE_ERROR")); }

            """# + functions)
        environment["TROUBLE"] = daemon.path("trouble").string
        environment["TROUBLE_ERROR"] = "\(error)"
        return environment
    }

    private func endTrouble(_ daemon: DaemonHarness) throws {
        try FileManager.default.removeItem(atPath: daemon.path("trouble").string)
    }

    private func health(_ daemon: DaemonHarness) throws -> DaemonHealth? {
        guard case .health(let health) = try daemon.ask(.health) else { return nil }
        return health
    }

    @Test(arguments: [EMFILE, ENFILE, ENOMEM, EIO]) func aPrivateCopyThatCannotBeOpenedIsNotGone(error: Int32) throws {
        let daemon = try DaemonHarness(inbox: "settle_seconds = 0")
        for key in ["first_delay_seconds", "max_delay_seconds"] { try daemon.change("\(key) = 0", to: "\(key) = 1") }
        let environment = try preload(
            daemon,
            #"""
            #define REPLACE(name) \
                int name(const char *path, int flags, ...) { \
                    va_list list; \
                    va_start(list, flags); \
                    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0; \
                    va_end(list); \
                    if (strstr(path, "/spool/") && (flags & (O_ACCMODE | O_CREAT)) == O_RDONLY && in_trouble()) { \
                        errno = trouble(); \
                        return -1; \
                    } \
                    int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, #name); \
                    return real(path, flags, mode); \
                }
            REPLACE(open)
            REPLACE(open64)
            """#, error: error)
        try daemon.write(Data(), to: "trouble")
        try daemon.start(environment: environment)
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        try daemon.wait("the failed open") { daemon.log.contains("cannot be opened: ") ? true : nil }
        if error != EIO { try daemon.wait("the report") { try health(daemon)?.trouble } }
        try endTrouble(daemon)
        let job = try daemon.wait(for: "a.png", .completed)
        // Only an error of the disk counts as an attempt.
        #expect(error == EIO || job.attempt == 1)
        #expect(try health(daemon)?.trouble == nil)
        #expect(try daemon.stop() == 0)
    }

    /// Exit code 78 would keep systemd from another start.
    @Test(arguments: [EAGAIN, ENOMEM]) func aStartWithoutProcessesCanBeTriedAgain(error: Int32) throws {
        let daemon = try DaemonHarness()
        let environment = try preload(
            daemon,
            #"""
            int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                            const posix_spawnattr_t *attributes, char *const arguments[], char *const variables[]) {
                if (in_trouble()) return trouble();
                int (*real)(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
                            char *const[], char *const[]) = dlsym(RTLD_NEXT, "posix_spawn");
                return real(pid, path, actions, attributes, arguments, variables);
            }
            """#, error: error)
        try daemon.write(Data(), to: "trouble")
        #expect(try daemon.exit(of: daemon.launch(["--drain"], environment: environment)) == 75)
        #expect(daemon.log.contains("cannot be started: "))
        try endTrouble(daemon)
        #expect(try daemon.exit(of: daemon.launch(["--drain"], environment: environment)) == 0)
    }

    /// A thread that does not start must not leave a daemon that waits for it.
    @Test func aStartWithoutThreadsCanBeTriedAgain() throws {
        let daemon = try DaemonHarness()
        let environment = try preload(
            daemon,
            #"""
            #include <pthread.h>
            int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument) {
                // libdispatch has threads of its own, for which it waits if there is none.
                size_t size = 0;
                if (attributes) pthread_attr_getstacksize(attributes, &size);
                if (size == 4 << 20 && in_trouble()) return trouble();
                int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) =
                    dlsym(RTLD_NEXT, "pthread_create");
                return real(thread, attributes, start, argument);
            }
            """#, error: EAGAIN)
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        try daemon.write(Data(), to: "trouble")
        #expect(try daemon.exit(of: daemon.launch(["--drain"], environment: environment)) == 75)
        #expect(daemon.log.contains("A thread of the service cannot be started: Resource temporarily unavailable."))
        try endTrouble(daemon)
        #expect(try daemon.exit(of: daemon.launch(["--drain"], environment: environment)) == 0)
        #expect(try daemon.job("a.png")?.state == .completed)
    }

    /// A limit of the file length must not kill the daemon by a signal.
    @Test func aFileThatBecomesTooLongEndsTheStartWithAMessage() throws {
        let daemon = try DaemonHarness()
        let process = try daemon.launch(["--drain"], under: ["/bin/sh", "-c", "ulimit -f 1; exec \"$@\"", "sh"])
        #expect(try daemon.exit(of: process) == 75)
        #expect(!daemon.log.isEmpty)
        #expect(try daemon.run("--drain") == 0)
    }

    /// The worker program hangs while it checks the model, for example on a share that does not answer.
    @Test func aStartThatHangsCanBeStopped() throws {
        let daemon = try DaemonHarness()
        let script = """
            #!/bin/sh
            cd '\(daemon.root.string)'
            echo $$ > begun.new
            mv begun.new begun
            while [ -e config.toml ]; do sleep 0.05; done

            """
        try daemon.write(Data(script.utf8), to: "hang.sh")
        chmod(daemon.path("hang.sh").string, 0o755)
        try daemon.change("[limits]", to: "[workers]\nprogram = \"hang.sh\"\n[limits]")
        let process = try daemon.launch([])
        try daemon.wait("the check of the model") { daemon.exists("begun") ? true : nil }
        kill(process.processIdentifier, SIGTERM)
        #expect(try daemon.exit(of: process) == 0)
        // The check ends, too. (A dead process whose parent is gone may still wait to be reaped.)
        let check = try String(contentsOfFile: daemon.path("begun").string, encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        try daemon.wait("the end of the check") {
            guard let status = try? String(contentsOfFile: "/proc/\(check)/stat", encoding: .utf8) else { return true }
            return status.contains(") Z ") ? true : nil
        }
        #expect(!daemon.log.contains("is ready"))
    }

    /// With little address space (`ulimit -v`), OpenBLAS tries for ever to allocate memory before the worker program
    /// begins. How little depends on the machine, so a script hangs in its place.
    @Test func aStartWhoseCheckNeverEndsFailsAndCanBeTriedAgain() throws {
        let daemon = try DaemonHarness()
        let script = """
            #!/bin/sh
            cd '\(daemon.root.string)'
            while [ -e config.toml ] && [ ! -e go ]; do sleep 0.05; done
            exec '\(DaemonHarness.program("srgan").string)' "$@"

            """
        try daemon.write(Data(script.utf8), to: "worker.sh")
        chmod(daemon.path("worker.sh").string, 0o755)
        try daemon.change("[limits]", to: "[workers]\nprogram = \"worker.sh\"\n[limits]")
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        #expect(try daemon.run("--drain") == 75)
        #expect(daemon.log.contains("did not check a model within 60 seconds"))
        try daemon.write(Data(), to: "go")
        #expect(try daemon.run("--drain") == 0)
        #expect(try daemon.job("a.png")?.state == .completed)
    }

    // MARK: - Files

    /// The private copy of the model is cut short while the daemon runs, and while it does not run.
    @Test func aDamagedCopyOfTheModelIsMadeAgain() throws {
        let daemon = try DaemonHarness(inbox: "settle_seconds = 0")
        func damage() throws {
            let name = try #require(daemon.files(below: "state/models").first)
            try FileManager.default.removeItem(atPath: daemon.path("state/models/\(name)").string)
            try daemon.write(DaemonSamples.tinyModel().prefix(1000), to: "state/models/\(name)")
        }
        try daemon.start()
        try damage()
        try daemon.write(DaemonSamples.png(variant: 1), to: "inbox/a.png")
        #expect(try daemon.wait(for: "a.png", .completed).attempt == 1)
        #expect(daemon.log.contains("The private copy of its model was damaged and is replaced."))
        #expect(try daemon.stop() == 0)
        try damage()
        try daemon.write(DaemonSamples.png(variant: 2), to: "inbox/b.png")
        #expect(try daemon.run("--drain") == 0)
        #expect(daemon.log.components(separatedBy: "was damaged and is replaced").count == 2)
    }

    /// The output of `inbox/a.png` is followed by images in a folder of the same name.
    @Test func aFolderNamedLikeAnOutputGetsAnotherName() throws {
        let daemon = try DaemonHarness()
        try daemon.write(DaemonSamples.png(variant: 1), to: "inbox/a.png")
        #expect(try daemon.run("--drain") == 0)
        for number in 2...3 { try daemon.write(DaemonSamples.png(variant: number), to: "inbox/a.png/\(number).png") }
        #expect(try daemon.run("--drain") == 0)
        #expect(daemon.files(below: "outbox") == ["a (2).png/2.png", "a (2).png/3.png", "a.png"])
    }

    // MARK: - The database

    @Test(arguments: [["srgan.db"], ["srgan.db-wal"], ["srgan.db", "srgan.db-wal", "srgan.db-shm"]])
    func aDeletedDatabaseIsNoticedAndNothingIsLost(_ files: [String]) throws {
        let daemon = try DaemonHarness(inbox: "originals = \"keep\"\nsettle_seconds = 0")
        try daemon.start()
        try daemon.write(DaemonSamples.png(variant: 1), to: "inbox/a.png")
        let done = try daemon.wait(for: "a.png", .completed)
        for file in files { try FileManager.default.removeItem(atPath: daemon.path("state/\(file)").string) }
        // The daemon notices it without any work.
        #expect(try daemon.exit(of: #require(daemon.process)) == 75)
        #expect(daemon.log.contains("\(files[0]) was deleted or replaced while the queue was in use."))
        #expect(daemon.log.contains("the next start continues with it"))
        try daemon.write(DaemonSamples.png(variant: 2), to: "inbox/b.png")
        #expect(try daemon.run("--drain") == 0)
        #expect(try daemon.job("a.png") == done)
        #expect(try daemon.job("b.png")?.state == .completed)
        #expect(daemon.files(below: "outbox") == ["a.png", "b.png"])
    }

    @Test func aReplacedDatabaseIsKeptBesideTheNewOne() throws {
        let daemon = try DaemonHarness(inbox: "settle_seconds = 0")
        try daemon.start()
        try daemon.write(DaemonSamples.png(variant: 1), to: "inbox/a.png")
        try daemon.wait(for: "a.png", .completed)
        try daemon.write(Data("not a database".utf8), to: "other")
        try daemon.move("other", to: "state/srgan.db")
        #expect(try daemon.exit(of: #require(daemon.process)) == 75)
        let saved = daemon.files(below: "state").filter { $0.hasPrefix("srgan-saved-") && $0.hasSuffix(".db") }
        #expect(saved.count == 1)
        #expect(daemon.log.contains("is saved in "))
        let other = FileManager.default.contents(atPath: daemon.path("state/srgan.db").string)
        #expect(other == Data("not a database".utf8))
    }

    // MARK: - The control socket

    /// Many clients send half a line and wait. Others are answered, and the daemon is healthy.
    @Test func silentClientsKeepNobodyOut() throws {
        let daemon = try DaemonHarness()
        try daemon.start()
        var clients: [Int32] = []
        defer { for client in clients { close(client) } }
        for round in 0..<5 {
            for _ in 0..<100 {
                let client = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
                try #require(client >= 0)
                clients.append(client)
                let address = UnixSocketAddress.controlSocket(inState: daemon.path("state"))
                try #require(try UnixSocketAddress.withAddress(of: address) { connect(client, $0, $1) } == 0)
                _ = send(client, "{\"half", 6, Int32(MSG_NOSIGNAL))
            }
            let outcome = try JobsProgram.run(
                ["--config", daemon.configurationPath.string, "health"], in: URL(filePath: daemon.root.string))
            #expect(outcome.code == 0 && outcome.output.hasPrefix("ready"), "round \(round): \(outcome)")
        }
        #expect(try daemon.stop() == 0)
    }
}
