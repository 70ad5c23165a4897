import Foundation
import LinuxSupport
import SystemPackage
import Testing

@Suite struct ChildProcessTests {
    private func run(_ script: String) throws -> (text: String, ending: ChildProcess.Ending) {
        let (process, errors) = try ChildProcess.readingErrors(
            of: "/bin/sh", arguments: ["-c", script], environment: ["A": "b"])
        defer { try? errors.close() }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = try bytes.withUnsafeMutableBytes { try errors.read(into: $0) }
        return (String(decoding: bytes[..<count], as: UTF8.self), process.wait())
    }

    @Test func aProgramGetsItsEnvironmentAndNothingElse() throws {
        let (text, ending) = try run("cat; echo $A $(ls /proc/self/fd | wc -l) >&2; exit 3")
        // 0, 1, 2 and the folder that `ls` reads.
        #expect(text == "b 4\n")
        #expect(ending == .exited(3))
    }

    @Test func itsGroupIsItsOwn() throws {
        let (text, ending) = try run("echo $$ $(ps -o pgid= -p $$) >&2; kill -9 $$")
        let words = text.split(whereSeparator: \.isWhitespace)
        #expect(words.count == 2 && words[0] == words.last)
        #expect(ending == .signalled(SIGKILL))
    }

    @Test func aMissingProgramIsAnError() {
        #expect(throws: Errno.noSuchFileOrDirectory) {
            try ChildProcess(
                "/nonexistent", arguments: [], environment: [:], input: nil, output: nil, error: nil)
        }
    }
}
