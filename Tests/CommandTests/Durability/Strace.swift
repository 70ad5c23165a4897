import Foundation
import SystemPackage
import Testing

/// strace, which interferes with one thread's nth call of a kind.
///
/// It counts by thread and by call, so only a run that traces a single thread reaches each of its calls: the main thread
/// of a daemon that it starts, or one that it attaches to.
struct Strace {
    /// What happens at the call.
    enum Effect: String {
        /// The process is killed before the call.
        case kill = "signal=SIGKILL"
        /// The call does nothing and says "input/output error".
        case inputOutputError = "error=EIO"
    }

    /// Every call by which a daemon changes what is on the disk, and every open.
    static let calls = [
        "openat", "write", "pwrite64", "fsync", "fdatasync", "ftruncate", "fallocate", "rename", "renameat2", "unlink",
        "unlinkat", "mkdir", "link", "linkat", "chmod", "utimensat",
    ]

    let call: String
    /// Calls that are only written down.
    var alsoTraced: [String] = []
    let number: Int
    let effect: Effect

    /// strace and its arguments, to stand before a command.
    ///
    /// - log: where it writes the traced calls.
    func wrapper(log: FilePath) -> [String] {
        [
            "/usr/bin/strace", "-y", "-o", log.string, "-e", "trace=\(([call] + alsoTraced).joined(separator: ","))",
            "-e", "signal=none",
        ]
            + ["-e", "inject=\(call):\(effect.rawValue):when=\(number)"]
    }

    /// Whether the process was killed at the call, as the log tells after its end.
    func hasKilled(log: FilePath) throws -> Bool {
        let lines = try String(contentsOfFile: log.string, encoding: .utf8).split(separator: "\n")
        return effect == .kill && lines.count { $0.hasPrefix("\(call)(") } >= number
    }

    /// Attaches to a thread; returns when it is in force.
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
