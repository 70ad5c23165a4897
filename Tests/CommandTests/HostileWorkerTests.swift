import Foundation
import Fuzzing
import JobQueue
import SystemPackage
import Testing
import WorkerProtocol

/// Workers that behave as badly as a captured decoder could without a sandbox, and worse.
@Suite("Hostile workers", .serialized)
struct HostileWorkerTests {
    /// What the worker does for a file that begins with the word, and the expected reason of the job.
    private static let deeds: [(word: String, script: String, reason: FailureReason)] = [
        ("CRASH", "kill -SEGV $$", .workerCrashed),
        ("ABORT", "kill -ABRT $$", .workerCrashed),
        ("LOOP", "while :; do :; done", .workerTimedOut),
        ("ALLOCATE", "exec dd if=/dev/zero of=/dev/null bs=10000000000 count=1", .outOfMemory),
        // Each process starts the next one and ends; none lives long enough to be killed by its process id.
        ("FORK", "f() { f & }; f; exit 0", .workerCrashed),
        ("CROWD", "for n in $(seq 100); do sleep 1000 & done; wait", .workerTimedOut),
        ("LEAVE", "setsid sleep 1000 > /dev/null 2>&1 < /dev/null & exit 3", .workerCrashed),
        ("FILL", "ulimit -f 1; exec cat /dev/zero", .outputTooLarge),
        ("MUTE", "exec 2>&-; exec sleep 1000", .workerTimedOut),
        ("LIE", #"echo '{"event":"result","format":"png"}' >&2; exit 0"#, .workerCrashed),
    ]

    @Test("the daemon survives, each job has its reason, and the next job is completed")
    func mixed() throws {
        let cases = Self.deeds.map { "\($0.word)) \($0.script) ;;" }.joined(separator: "\n")
        let daemon = try DaemonHarness(
            worker: """
                echo $$ >> groups
                case "$(head -c 9 | cut -d' ' -f1 | tr -cd A-Z)" in
                \(cases)
                esac
                exec "$SRGAN" "$@" < /proc/self/fd/0
                """)
        var text = try String(contentsOfFile: daemon.configurationPath.string, encoding: .utf8)
        text = text.replacingOccurrences(of: "[limits]", with: "[limits]\nworker_memory_mb = 800")
        text = text.replacingOccurrences(of: "[retry]", with: "[retry]\nmax_attempts = 1")
        text = text.replacingOccurrences(
            of: "[workers]", with: "[workers]\ntimeout_seconds = 15\nprocesses = 4\nthreads = 1")
        try daemon.configure(text)
        try daemon.start()
        let pid = try daemon.status()?.pid
        var generator = SplitMix64(seed: 14)
        var expected: [String: String] = [:]
        for number in 0..<Torture.count(Self.deeds.count, full: 1000) {
            // A good image follows each.
            let good = "\(number)-good.png"
            try daemon.write(DaemonSamples.png(variant: number), to: "outside/\(good)")
            let deed = number < Self.deeds.count ? Self.deeds[number] : Self.deeds.randomElement(using: &generator)!
            let bad = "\(number)-\(deed.word).png"
            try daemon.write(Data("\(deed.word) \(number)".utf8), to: "outside/\(bad)")
            try daemon.move("outside/\(bad)", to: "inbox/\(bad)")
            try daemon.move("outside/\(good)", to: "inbox/\(good)")
            expected[bad] = deed.reason.rawValue
            expected[good] = "done"
            if number % 50 == 49 { try Self.waitForAll(expected.count, of: daemon) }
        }
        try Self.waitForAll(expected.count, of: daemon)
        let jobs = daemon.jobs()
        #expect(jobs.count == expected.count)
        for job in jobs {
            let name = job.input.source.lastComponent!.string
            #expect(expected[name] == job.reason?.rawValue ?? "done", "\(name): \(job.message ?? "")")
            #expect((job.message == nil) == (job.reason == nil))
        }
        #expect(try daemon.status()?.pid == pid)
        #expect(try daemon.stop() == 0)
        // No process of any worker's group is left. The daemon cannot find processes that left their group.
        let groups = try String(contentsOfFile: daemon.path("groups").string, encoding: .utf8).split(separator: "\n")
        #expect(groups.count == expected.count)
        try daemon.wait("the workers' children to be gone") {
            Self.livingGroups(in: daemon.root).isDisjoint(with: groups) ? true : nil
        }
        Torture.report(
            "14", "\(expected.count) jobs, half of them hostile: daemon's process the same, all reasons right")
    }

    private static func waitForAll(_ count: Int, of daemon: DaemonHarness) throws {
        var last = -1
        // Waits for one more job at a time, so that the time limit applies to each job, not to all together.
        while last < count {
            try daemon.wait("a job to end") { () -> Bool? in
                let ended = daemon.jobs().filter { $0.state.isFinal }.count
                guard ended > last else { return nil }
                last = ended
                return true
            }
        }
    }

    /// The process groups of all processes that run in a folder. Group numbers are reused, so other processes may have
    /// the same ones. Excludes zombies, for which another process must wait, and session leaders, which have left their
    /// worker's group.
    private static func livingGroups(in folder: FilePath) -> Set<Substring> {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return Set(
            processes.filter { Int($0) != nil }.compactMap { name in
                guard let text = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8),
                    let end = text.lastIndex(of: ")"),
                    let home = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(name)/cwd"),
                    FilePath(home) == folder
                else { return nil }
                let fields = text[text.index(end, offsetBy: 2)...].split(separator: " ")
                let (state, group, session) = (fields[0], fields[2], fields[3])
                return ["Z", "X"].contains(state) || session == group ? nil : group
            })
    }
}
