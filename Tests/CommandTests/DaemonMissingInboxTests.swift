import DaemonControl
import Foundation
import JobQueue
import SystemPackage
import Testing

/// An inbox whose file system is not mounted must not look like an empty inbox.
@Suite struct DaemonMissingInboxTests {
    private func health(_ daemon: DaemonHarness) throws -> DaemonHealth? {
        guard case .health(let health) = try daemon.ask(.health) else { return nil }
        return health
    }

    private func waitForProblem(_ daemon: DaemonHarness, _ text: String) throws {
        try daemon.wait("the health to name the problem") { () -> Bool? in
            guard let health = try health(daemon), health.state == .ready, health.unavailableInboxes == 1 else {
                return nil
            }
            return health.problems.contains { $0.contains(text) } ? true : nil
        }
    }

    private let sections = "[service]\nrescan_seconds = 1\n[metrics]\nfile = \"srgan.prom\"\ninterval_seconds = 1"

    @Test func theParentOfAnInboxIsNotCreated() throws {
        let daemon = try DaemonHarness(sections: sections)
        try daemon.change("path = \"inbox\"", to: "path = \"nas/photos\"\narchive = \"archive\"\nfailed = \"failed\"")
        #expect(try daemon.run("--check-config") == 0)
        try daemon.start()
        try waitForProblem(daemon, "nas/photos cannot be read: No such file")
        #expect(!daemon.exists("nas"))
        try daemon.wait("the metric") { daemon.metric("srgan_unavailable_inboxes 1") ? true : nil }
        try daemon.write(DaemonSamples.png, to: "nas/photos/a.png")
        try daemon.wait(for: "a.png", .completed)
        #expect(try health(daemon)?.problems == [])
        #expect(daemon.log.components(separatedBy: "nas/photos cannot be read").count == 2, "\(daemon.log)")
    }

    /// Jobs wait, without losing an attempt, for an outbox whose file system is not mounted.
    @Test func jobsWaitForAMissingOutbox() throws {
        let daemon = try DaemonHarness(sections: sections)
        try daemon.change("outbox = \"outbox\"", to: "outbox = \"nas/outbox\"")
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        try daemon.start()
        try daemon.wait("the job to go back") { daemon.log.contains("goes back into the queue") ? true : nil }
        #expect(!daemon.exists("nas"))
        try daemon.makeFolder("nas")
        #expect(try daemon.wait(for: "a.png", .completed).attempt == 1)
        #expect(daemon.files(below: "nas") == ["outbox/a.png"])
    }

    @Test func anInboxIsScannedOnlyWithItsMarker() throws {
        let daemon = try DaemonHarness(
            inbox: "settle_seconds = 0\nmarker = \"here.png\"", sections: sections)
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        try daemon.start()
        try waitForProblem(daemon, "has no file named here.png")
        #expect(daemon.jobs().isEmpty)
        try daemon.write(Data(), to: "inbox/here.png")
        try daemon.wait(for: "a.png", .completed)
        #expect(daemon.files(below: "inbox") == ["here.png"])
        #expect(daemon.jobs().count == 1)
    }

    /// The mount point is an empty folder until the file system is mounted.
    @Test func anInboxIsScannedOnlyWhenItsFileSystemIsMounted() throws {
        let daemon = try DaemonHarness(
            inbox: "settle_seconds = 0\nrequire_mount = \"inbox\"", sections: sections)
        try daemon.write(DaemonSamples.png(variant: 1), to: "inbox/below.png")
        try daemon.write(DaemonSamples.png(variant: 2), to: "a.png")
        let mount = """
            cd '\(daemon.root.string)'
            (while [ -e config.toml ] && [ ! -e go ]; do sleep 0.1; done; mount -t tmpfs t inbox && cp a.png inbox/) &
            """
        try daemon.start(under: DaemonHarness.afterShell(mount))
        try waitForProblem(daemon, "no file system is mounted at")
        #expect(daemon.jobs().isEmpty)
        try daemon.write(Data(), to: "go")
        try daemon.wait(for: "a.png", .completed)
        #expect(daemon.jobs().count == 1 && daemon.exists("inbox/below.png"))
    }

    /// Nothing is written into the empty mount point of the outbox's file system, and the job waits.
    @Test func anOutboxIsUsedOnlyWhenItsFileSystemIsMounted() throws {
        let daemon = try DaemonHarness(sections: sections)
        try daemon.makeFolder("mnt")
        try daemon.configure(
            """
            [state]
            directory = "state"
            [[inbox]]
            path = "mnt/inbox"
            outbox = "mnt/outbox"
            originals = "keep"
            require_mount = "mnt"
            model = "tiny"

            """ + sections)
        try daemon.write(DaemonSamples.png(variant: 1), to: "a.png")
        let mount = """
            cd '\(daemon.root.string)'
            (while [ -e config.toml ] && [ ! -e go ]; do sleep 0.1; done
            mount -t tmpfs t mnt && while [ ! -e mnt/outbox/a.png ]; do sleep 0.1; done; cp mnt/outbox/a.png result.png) &
            """
        try daemon.start(under: DaemonHarness.afterShell(mount))
        _ = try daemon.ask(.add(paths: [daemon.path("a.png")], inbox: nil))
        try daemon.wait("the reason") {
            daemon.log.contains("mnt/outbox is not used, because no file system is mounted at") ? true : nil
        }
        #expect(try daemon.job("a.png")?.state != .completed && daemon.files(below: "mnt").isEmpty)
        #expect(!daemon.exists("mnt/outbox") && !daemon.exists("mnt/inbox") && !daemon.exists("mnt/failed"))
        try daemon.write(Data(), to: "go")
        try daemon.wait(for: "a.png", .completed)
        try daemon.wait("the result") { daemon.exists("result.png") ? true : nil }
        #expect(daemon.files(below: "mnt").isEmpty)
    }

    /// A new, empty queue on the wrong disk would make everything again.
    @Test(arguments: ["", "require_mount = \"mnt\""]) func theStateFolderIsNotMadeInAMissingFolder(_ key: String) throws
    {
        let daemon = try DaemonHarness(sections: sections)
        if !key.isEmpty { try daemon.makeFolder("mnt/inbox") }
        try daemon.configure(
            """
            [state]
            directory = "mnt/state"
            [[inbox]]
            path = "\(key.isEmpty ? "inbox" : "mnt/inbox")"
            outbox = "outbox"
            archive = "archive"
            failed = "failed"
            model = "tiny"
            \(key)

            """ + sections)
        #expect(try daemon.run("--drain") == 75)
        let reason = key.isEmpty ? "mnt does not exist; perhaps" : "no file system is mounted at"
        #expect(daemon.log.contains(reason), "\(daemon.log)")
        #expect(!daemon.exists("mnt/state") && !daemon.exists("outbox"))
    }

    @Test func foldersThatAreLeftOutAreReportedOnce() throws {
        let daemon = try DaemonHarness(sections: sections)
        let deep = "inbox/" + Array(repeating: "d", count: 101).joined(separator: "/")
        try daemon.write(DaemonSamples.png(variant: 1), to: "\(deep)/deep.png")
        try daemon.write(DaemonSamples.png(variant: 2), to: "inbox/secret/a.png")
        chmod(daemon.path("inbox/secret").string, 0)
        defer { chmod(daemon.path("inbox/secret").string, 0o755) }
        try daemon.start(under: DaemonHarness.withoutOverride)
        let reported = try daemon.wait("both folders") { () -> DaemonHealth? in
            guard let health = try health(daemon) else { return nil }
            return health.leftOutFolders == 2 ? health : nil
        }
        #expect(reported.problems.contains { $0.contains("inbox/secret is not scanned") && $0.contains("Permission") })
        #expect(reported.problems.contains { $0.contains("more than 100 levels") })
        try daemon.wait("the metric") { daemon.metric("srgan_left_out_folders 2") ? true : nil }
        // Another scan has ended when it has taken a new file.
        try daemon.write(DaemonSamples.png(variant: 3), to: "inbox/b.png")
        try daemon.wait(for: "b.png", .completed)
        #expect(daemon.log.components(separatedBy: "inbox/secret is not scanned").count == 2, "\(daemon.log)")
        #expect(daemon.log.components(separatedBy: "more than 100 levels").count == 2)
        chmod(daemon.path("inbox/secret").string, 0o755)
        try daemon.wait(for: "a.png", .completed)
    }
}
