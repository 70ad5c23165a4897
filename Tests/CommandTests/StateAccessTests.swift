import Foundation
import JobQueue
import SystemPackage
import Testing

/// A user without rights to the state folder learns who has them.
@Suite("access to the state folder", .serialized, .enabled(if: geteuid() == 0))
struct StateAccessTests {
    private let srgan: SrganRunner
    private var state: String { srgan.path("private/state") }

    init() throws {
        srgan = try SrganRunner()
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        _ = try SQLiteJobStore(path: SQLiteJobStore.path(in: FilePath(state)))
        try "[state]\ndirectory = 'private/state'\n[[inbox]]\npath = 'in'\noutbox = 'out'\n"
            .write(toFile: srgan.path("config.toml"), atomically: true, encoding: .utf8)
    }

    /// Runs a command of srgan-jobs as a user without rights, by a copy of the program that this user can reach.
    private func run(_ command: String) throws -> SrganRunner.Result {
        try srgan.shell(
            """
            cp -n ${SRGAN}-jobs . && chmod 755 . &&
            setpriv --reuid=65534 --regid=65534 --clear-groups ./srgan-jobs --config config.toml \(command)
            """)
    }

    @Test(
        "the group is named that has access", arguments: ["private/state", "private"],
        ["list", "stats", "show 1", "wait 1"])
    func group(folder: String, command: String) throws {
        try #require(chown(srgan.path(folder), 0, 1) == 0 && chmod(srgan.path(folder), 0o750) == 0)
        let result = try run(command)
        #expect(result.status == 69)
        #expect(
            result.errors == """
                srgan-jobs: The state folder \(state) cannot be read: permission denied. The group daemon has access: \
                sudo usermod -aG daemon nobody, then log in again.

                """)
    }

    @Test("a change needs the right to write", arguments: ["pause", "cancel 1", "add a.png", "prune --older-than 1d"])
    func change(command: String) throws {
        try #require(chmod(state, 0o755) == 0)
        let result = try run(command)
        #expect(result.status == 69)
        #expect(
            result.errors == """
                srgan-jobs: The state folder \(state) cannot be written: permission denied. Only the user root has access: \
                sudo -u root srgan-jobs ...

                """)
        #expect(try run("list").status == 0)
    }

    @Test("no group has access") func owner() throws {
        try #require(chmod(state, 0o700) == 0)
        let result = try run("list")
        #expect(result.status == 69 && result.errors.contains("Only the user root has access: sudo -u root srgan-jobs"))
        #expect(try run("backup copy.db").errors.contains("permission denied"))
    }
}
