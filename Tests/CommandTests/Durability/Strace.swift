import Foundation
import SystemPackage
import Testing

/// Runs strace, which interferes with one thread's nth call of a kind.
///
/// strace counts per thread and per call. To reach each call, it must trace a single thread: the main thread of a
/// daemon that it starts, or a thread that it attaches to.
struct Strace {
    /// The effect on the call.
    enum Effect: String {
        /// Kills the process before the call.
        case kill = "signal=SIGKILL"
        /// Skips the call and returns "input/output error".
        case inputOutputError = "error=EIO"
    }

    /// All calls by which a daemon changes files on the disk, and all opens.
    static let calls = [
        "openat", "write", "pwrite64", "fsync", "fdatasync", "ftruncate", "fallocate", "rename", "renameat",
        "renameat2", "unlink",
        "unlinkat", "mkdir", "mkdirat", "link", "linkat", "chmod", "utimensat",
    ]

    let call: String
    /// Calls that are logged but not changed.
    var alsoTraced: [String] = []
    let number: Int
    let effect: Effect

    /// strace and its arguments, to be placed before a command.
    ///
    /// - log: the file for the traced calls.
    func wrapper(log: FilePath) -> [String] {
        [
            "/usr/bin/strace", "-y", "-o", log.string, "-e", "trace=\(([call] + alsoTraced).joined(separator: ","))",
            "-e", "signal=none",
        ]
            + ["-e", "inject=\(call):\(effect.rawValue):when=\(number)"]
    }

    /// True if the process was killed at the call, according to the log after its end.
    func hasKilled(log: FilePath) throws -> Bool {
        let lines = try String(contentsOfFile: log.string, encoding: .utf8).split(separator: "\n")
        return effect == .kill && lines.count { $0.hasPrefix("\(call)(") } >= number
    }

    /// Attaches to a thread; returns when strace traces it.
    func attach(to thread: Int32, of daemon: DaemonHarness, log: FilePath) throws -> Process {
        let process = Process()
        let command = wrapper(log: log) + ["-p", "\(thread)"]
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        let words = Pipe()
        process.standardError = words
        try process.run()
        var said = ""
        while !said.contains("attached") {
            let more = words.fileHandleForReading.availableData
            guard !more.isEmpty else { throw DaemonHarness.TimedOut(description: "strace: \(said)") }
            said += String(decoding: more, as: UTF8.self)
        }
        return process
    }
}
