import Foundation
import SystemPackage

/// A run of `sandbox-probe`: what it could do, and how the kernel describes its threads.
struct SandboxProbe {
    /// For each try nil for success, else the number of the error.
    var outcomes: [String: Int32?] = [:]
    /// `NoNewPrivs` and `Seccomp` of each thread, from /proc.
    var threads: [(noNewPrivileges: String, seccomp: String)] = []
    var status: Int32 = 0
    var signal: Int32?

    /// - words: the layers of the sandbox to enter first, or a call of another kind to try.
    init(_ words: String...) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sandbox-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["present", "removed", "renamed"] { try Data("x".utf8).write(to: folder.appending(path: name)) }
        let (listener, port) = try Self.listen()
        defer { close(listener) }

        let process = Process()
        process.executableURL = URL(fileURLWithPath: DaemonHarness.program("sandbox-probe").string)
        process.arguments = [folder.path, "\(port)"] + words
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var text = ""
        while !text.contains("tried ok\n") {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { break }
            text += String(decoding: data, as: UTF8.self)
        }
        threads = Self.threads(of: process.processIdentifier)
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        status = process.terminationStatus
        signal = process.terminationReason == .uncaughtSignal ? status : nil
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ")
            outcomes[String(parts[0])] = .some(parts.count > 2 ? Int32(parts[2]) : nil)
        }
    }

    /// The attempts that succeeded.
    var successes: Set<String> { Set(outcomes.filter { $0.value == nil }.keys) }

    /// The values of two fields in each thread's status.
    static func threads(of process: pid_t) -> [(noNewPrivileges: String, seccomp: String)] {
        let folder = "/proc/\(process)/task"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.compactMap { name in
            guard let text = try? String(contentsOfFile: "\(folder)/\(name)/status", encoding: .utf8) else {
                return nil
            }
            func word(_ key: String) -> String {
                text.split(separator: "\n").first { $0.hasPrefix("\(key):") }
                    .map { $0.dropFirst(key.count + 1).trimmingCharacters(in: .whitespaces) } ?? ""
            }
            return (word("NoNewPrivs"), word("Seccomp"))
        }
    }

    /// A listening socket that the probe could reach.
    private static func listen() throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutableBytes(of: &address) { bytes in
            let pointer = bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
            guard bind(descriptor, pointer, size) == 0, Glibc.listen(descriptor, 8) == 0 else { return Int32(-1) }
            return getsockname(descriptor, pointer, &size)
        }
        guard descriptor >= 0, status == 0 else { throw Errno(rawValue: errno) }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }
}
