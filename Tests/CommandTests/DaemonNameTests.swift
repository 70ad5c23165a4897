import Foundation
import JobQueue
import LinuxSupport
import SystemPackage
import Testing
import UpscaleDaemon

/// Files whose names contain any bytes are processed like others, and their names cannot affect a terminal or a log.
@Suite struct DaemonNameTests {
    /// Every byte except `/` and NUL in some name: control bytes in one name each, the others several at a time. Also
    /// names with a special meaning elsewhere.
    private static let names: [[UInt8]] = {
        let suffix: [UInt8] = Array(".png".utf8)
        var names: [[UInt8]] = []
        func add(_ bytes: [UInt8]) { names.append([0x78] + bytes + suffix) }
        for byte in UInt8(1)..<0x20 { add([byte]) }
        add([0x7F])
        for first in stride(from: UInt8(0x20), to: 0x7F, by: 4) {
            add((first..<min(first + 4, 0x7F)).filter { $0 != 0x2F })
        }
        for first in stride(from: 0x80, to: 0x100, by: 8) { add((first..<first + 8).map { UInt8($0) }) }
        let texts: [String] = [
            "two\nlines.png", "<0>forged.png", "\u{1b}[31mred\u{1b}[2J.png", "a.jpg[Q=1]", "[Q=1].png", "-rf",
            "--help.png", "-.png", " .png", "x.png ", "%s%n.png", "$(reboot).png", "`reboot`.png", "'\".png",
            "{id}{stem}.png", "\u{202E}gnp.exe.png", "Job 1: done.png", "e\u{301}.png", "\u{e9}.png",
        ]
        for text in texts { names.append(Array(text.utf8)) }
        names.append([UInt8](repeating: 0x6C, count: 251) + suffix)
        names.append([UInt8](repeating: 0x80, count: 255))
        names.append([UInt8](repeating: 0x0A, count: 255))
        return names
    }()

    @Test func everyNameIsProcessedAndShownSafely() throws {
        let daemon = try DaemonHarness(
            inbox: "settle_seconds = 0.3", sections: "[log]\nlevel = \"debug\"\n[metrics]\nfile = \"srgan.prom\"")
        let inbox = daemon.path("inbox")
        for name in Self.names { try DaemonHarness.write(DaemonSamples.png, to: Self.path(inbox, name)) }
        // Some jobs fail, so that reasons are written and reported, too.
        let bad: [[UInt8]] = [
            Array("bad\u{1b}]0;title\u{7}.png".utf8), [UInt8](repeating: 0xFF, count: 251) + Array(".png".utf8),
            Array("-\nbad.png".utf8),
        ]
        for name in bad { try DaemonHarness.write(Data("no image".utf8), to: Self.path(inbox, name)) }
        // A name that claims no image, on a file that is none: no job, but a line in the log.
        let ignored: [UInt8] = Array("note\u{1b}[2J\n\u{7F}".utf8) + [0xFF]
        try DaemonHarness.write(Data("no image".utf8), to: Self.path(inbox, ignored))
        #expect(try daemon.run("--drain") == 2)

        let jobs = daemon.jobs()
        #expect(jobs.count == Self.names.count + bad.count)
        #expect(jobs.count { $0.state == .completed } == Self.names.count)
        let outbox = daemon.path("outbox")
        for name in Self.names {
            // A name without an extension gets one; all other names are kept byte for byte.
            guard name.suffix(4) == Array(".png".utf8) else { continue }
            #expect(Self.exists(Self.path(outbox, name)), "\(name)")
        }
        for job in jobs where job.state == .completed { #expect(Self.exists(try #require(job.output))) }
        #expect(Set(jobs.compactMap(\.output)).count == Self.names.count)
        for name in bad { #expect(Self.exists(Self.path(daemon.path("failed"), name))) }
        #expect(Self.exists(Self.path(inbox, ignored)))
        #expect(daemon.log.contains("note"))

        // One event per line, with its time and level, and with the job id if a file is named.
        let lines = daemon.log.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        #expect(lines.count > jobs.count)
        for line in lines {
            #expect(line.wholeMatch(of: /[-0-9]+T[0-9:]+Z (debug|info|notice|warning|error): .+/) != nil, "\(line)")
            guard line.contains("/inbox/") else { continue }
            #expect(line.contains(/: Job [0-9]+/) || line.hasSuffix(" is no image and stays."), "\(line)")
        }
        let folder = URL(filePath: daemon.root.string)
        let config = ["--config", daemon.configurationPath.string]
        var shown = [daemon.log]
        for command in [["list", "--limit", "0"], ["list", "--limit", "0", "--json"], ["stats"]] {
            let outcome = try JobsProgram.run(config + command, in: folder)
            #expect(outcome.code == 0)
            shown += [outcome.output, outcome.errors]
        }
        // The titles, the jobs, the queue and its outlook.
        #expect(shown[1].split(separator: "\n").count == jobs.count + 3)
        for id in [jobs[9].id, jobs[26].id, try #require(jobs.last).id] {
            shown.append(try JobsProgram.run(config + ["show", "\(id)"], in: folder).output)
        }
        shown.append(try String(contentsOfFile: daemon.path("srgan.prom").string, encoding: .utf8))
        for text in shown {
            let steering = text.unicodeScalars.filter {
                $0 != "\n" && ($0.value < 32 || (127..<160).contains($0.value) || $0 == "\u{202E}" || $0 == "\u{FFFD}")
            }
            #expect(steering.isEmpty, "\(steering.map { String($0.value, radix: 16) })")
        }
    }

    private static func path(_ folder: FilePath, _ name: [UInt8]) -> FilePath {
        FilePath(bytes: folder.bytes + [UInt8(ascii: "/")] + name)
    }

    private static func exists(_ path: FilePath) -> Bool {
        var status = stat()
        return path.withPlatformString { lstat($0, &status) } == 0
    }
}
