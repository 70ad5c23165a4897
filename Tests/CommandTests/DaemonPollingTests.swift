import Foundation
import JobQueue
import SystemPackage
import Testing

/// Inboxes are polled if the kernel cannot report arriving files; a warning and a metric say so.
@Suite struct DaemonPollingTests {
    private static let sections =
        "[metrics]\nfile = \"srgan.prom\"\ninterval_seconds = 1\n[service]\nrescan_seconds = 86400"

    @Test func withoutWatchesEveryFolderIsStillScanned() throws {
        let daemon = try DaemonHarness(inbox: "settle_seconds = 0.3", sections: Self.sections)
        for number in 0..<50 { try daemon.makeFolder("inbox/\(number)") }
        // The kernel itself returns ENOSPC, only in this user namespace.
        try daemon.start(under: DaemonHarness.afterShell("echo 10 > /proc/sys/user/max_inotify_watches"))
        try daemon.wait("the warning") {
            daemon.log.contains("no inotify watches left (sysctl fs.inotify.max_user_watches)") ? true : nil
        }
        for number in 0..<50 { try daemon.write(DaemonSamples.png, to: "inbox/\(number)/a.png") }
        try daemon.wait("every job") {
            let jobs = daemon.jobs()
            return jobs.count >= 50 && jobs.allSatisfy { $0.state.isFinal } ? true : nil
        }
        #expect(daemon.jobs().count == 50 && daemon.files(below: "outbox").count == 50)
        try daemon.wait("the metric") { daemon.metric("srgan_polling 1") ? true : nil }
        let health = try JobsProgram.run(
            ["--config", daemon.configurationPath.string, "health"], in: URL(filePath: daemon.root.string))
        #expect(health.code == 0 && health.output.hasPrefix("ready: an inbox is polled\nQueue: "))
        // The warning appears once, however many folders there are.
        #expect(daemon.log.components(separatedBy: "The inboxes are polled").count == 2)
    }

    @Test func withoutInotifyTheWarningAppearsOnce() throws {
        let daemon = try DaemonHarness(inbox: "settle_seconds = 0.3", sections: Self.sections)
        try daemon.start(under: DaemonHarness.afterShell(DaemonHarness.withoutInotify))
        // After three scans of the inbox there is still only one warning.
        for number in 0..<3 {
            try daemon.write(DaemonSamples.png(variant: number), to: "inbox/\(number).png")
            try daemon.wait(for: "\(number).png", .completed)
        }
        #expect(daemon.log.components(separatedBy: "inotify cannot be used").count == 2)
        #expect(!daemon.log.contains("another folder"))
    }

    @Test func aNetworkFileSystemIsPolled() throws {
        let daemon = try DaemonHarness(inbox: "settle_seconds = 0.3", sections: Self.sections)
        // Not every machine can mount a share. The daemon recognises one only by the result of statfs, which reports
        // NFS here.
        let statfs = try daemon.preload(
            """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <string.h>
            #include <sys/vfs.h>
            int statfs(const char *path, struct statfs *status) {
                int (*real)(const char *, struct statfs *) = dlsym(RTLD_NEXT, "statfs");
                int result = real(path, status);
                if (result == 0 && strstr(path, "/inbox")) status->f_type = 0x6969;
                return result;
            }
            int statfs64(const char *path, struct statfs64 *status) { return statfs(path, (struct statfs *)status); }

            """)
        try daemon.start(environment: statfs)
        try daemon.wait("the warning") {
            daemon.log.contains("is on NFS, which does not report what other machines do") ? true : nil
        }
        try daemon.wait("the metric") { daemon.metric("srgan_polling 1") ? true : nil }
        try daemon.write(DaemonSamples.png, to: "inbox/a.png")
        try daemon.wait(for: "a.png", .completed)
    }

    @Test func aLocalFileSystemIsNotPolled() throws {
        let daemon = try DaemonHarness(sections: Self.sections)
        try daemon.start()
        try daemon.wait("the metric") { daemon.metric("srgan_polling 0") ? true : nil }
        #expect(!daemon.log.contains("polled"))
    }
}
