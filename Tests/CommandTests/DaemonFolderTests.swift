import Foundation
import SystemPackage
import Testing

/// The service's own files must not appear in an inbox. Such folders are rejected at the start, however they are named.
@Suite struct DaemonFolderTests {
    /// A shell command that prepares the folders in its own mount namespace, and the expected mistake; nil: there is
    /// none.
    static let table: [(shell: String, mistake: String?)] = [
        ("true", nil),
        ("rmdir outbox; ln -s inbox/sub outbox", "inbox[1].outbox: lies inside the inbox"),
        ("rmdir archive; ln -s inbox archive", "inbox[1].archive: lies inside the inbox"),
        ("rmdir failed; mkdir inbox/f; ln -s inbox/f failed", "inbox[1].failed: lies inside the inbox"),
        ("rmdir state; ln -s inbox/sub state", "state.directory: lies inside inbox[1]"),
        ("rmdir inbox/sub inbox; ln -s state/in inbox; mkdir state/in", "inbox[1].path: lies inside the state folder"),
        // A bind mount has no real path other than its own.
        ("mount --bind inbox/sub outbox", "inbox[1].outbox: lies inside the inbox"),
        ("mount --bind outbox inbox/sub", "inbox[1].outbox: lies inside the inbox"),
        ("mkdir outbox/x; mount --bind inbox outbox/x; mount --bind outbox/x archive", "inbox[1].archive: lies inside"),
        ("mount --bind inbox/sub state", "state.directory: lies inside inbox[1]"),
        ("mount --bind . other; mount --bind other/state inbox/sub", "state.directory: lies inside inbox[1]"),
        ("mkdir state/in; mount --bind state/in inbox", "inbox[1].path: lies inside the state folder"),
        // Another file system, part of which appears in the inbox.
        ("mount -t tmpfs t outbox; mkdir outbox/a; mount --bind outbox inbox/sub", "inbox[1].outbox: lies inside"),
        // Mounts that do not matter.
        ("mount -t tmpfs t outbox; mount -t tmpfs t inbox/sub; mount --bind other archive", nil),
        ("mkdir 'inbox/a b'; mount --bind failed 'inbox/a b'", "inbox[1].failed: lies inside the inbox"),
    ]

    @Test(arguments: table) func overlappingFoldersAreRejected(_ shell: String, _ mistake: String?) throws {
        let daemon = try DaemonHarness()
        for name in ["inbox/sub", "outbox", "archive", "failed", "state", "other"] { try daemon.makeFolder(name) }
        let prepared = "cd '\(daemon.root.string)'\n\(shell)"
        let code = try daemon.exit(of: daemon.launch(["--check-config"], under: DaemonHarness.afterShell(prepared)))
        #expect(code == (mistake == nil ? 0 : 78), "\(daemon.log)")
        if let mistake { #expect(daemon.log.contains(mistake), "\(daemon.log)") }
    }

    @Test func theServiceDoesNotStartWithOverlappingFolders() throws {
        let daemon = try DaemonHarness()
        for name in ["inbox/sub", "outbox"] { try daemon.makeFolder(name) }
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        let mount = "mount --bind '\(daemon.path("outbox").string)' '\(daemon.path("inbox/sub").string)'"
        #expect(try daemon.exit(of: daemon.launch(["--drain"], under: DaemonHarness.afterShell(mount))) == 78)
        #expect(daemon.jobs().isEmpty && daemon.exists("inbox/a.png"))
    }
}
