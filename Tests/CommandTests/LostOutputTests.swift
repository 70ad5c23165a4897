import Foundation
import JobQueue
import SystemPackage
import Testing

/// Output that cannot be written is an error of every command of every program.
@Suite("lost output", .serialized)
struct LostOutputTests {
    private let srgan: SrganRunner

    init() throws {
        srgan = try SrganRunner()
        try """
        [state]
        directory = "state"
        [[inbox]]
        path = "inbox"
        outbox = "outbox"
        model = "./tiny.safetensors"
        """.write(toFile: srgan.path("config.toml"), atomically: true, encoding: .utf8)
        let state = FilePath(srgan.path("state"))
        try FileManager.default.createDirectory(atPath: state.string, withIntermediateDirectories: true)
        let store = try SQLiteJobStore(path: SQLiteJobStore.path(in: state))
        let hash = String(repeating: "ab", count: 32)
        _ = try store.enqueue(
            NewJob(
                source: "/in/a", inbox: "/in", spool: "/spool/1", contentSHA256: hash, contentSize: 1, sourceStamp: "",
                modelSHA256: hash, settings: "{}", outputFolder: "/out", outputName: "a"), now: Date())
    }

    private static let jobs = "${SRGAN}-jobs --config config.toml"

    private static let lines =
        [
            "list", "list --json", "list --json --limit 0", "show 1", "show --json 1", "stats", "stats --json",
            "backup copy.db", "backup --json copy.db", "pause", "cancel 1", "add $MODEL", "prune --older-than 1d",
            "--help",
            "--version", "list --help",
        ].map { "\(jobs) \($0)" } + [
            "$SRGAN model info $MODEL", "$SRGAN model info $MODEL --json",
            "$SRGAN model convert $MODEL other.safetensors", "$SRGAN --help", "$SRGAN --version",
            "$SRGAN upscale --help",
            "${SRGAN}d --config config.toml --check-config", "${SRGAN}d --help",
        ]

    @Test("a full disk: exit code 74 and one line", arguments: lines)
    func fullDisk(line: String) throws {
        let result = try srgan.shell("\(line) > /dev/full")
        #expect(result.status == 74)
        let errors = result.errors.split(separator: "\n")
        #expect(errors.count == 1 && errors[0].hasSuffix("standard output cannot be written: No space left on device."))
    }

    @Test("a closed descriptor: exit code 74 and one line", arguments: lines)
    func closedDescriptor(line: String) throws {
        let result = try srgan.shell("\(line) >&-")
        #expect(result.status == 74)
        #expect(
            result.errors.hasSuffix("standard output cannot be written: Bad file descriptor.\n"), "\(result.errors)")
    }

    @Test(
        "a closed pipe: SIGPIPE and no message, also where the signal is ignored", arguments: lines,
        ["", "trap '' PIPE;"])
    func closedPipe(line: String, trap: String) throws {
        // The reader has ended when the program starts.
        let result = try srgan.shell("{ sleep 0.1; \(trap) \(line); echo $? >&2; } | true")
        #expect(result.errors == "141\n")
    }
}
