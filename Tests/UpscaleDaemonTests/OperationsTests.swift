import DaemonControl
import Foundation
import JobQueue
import LinuxSupport
import Logging
import ModelLocation
import ServiceSupport
import SystemPackage
import Testing

@testable import ServiceConfiguration
@testable import UpscaleDaemon

@Suite struct OperationsTests {
    @Test func metricsAreWellFormedAndContainNoFileName() throws {
        var statistics = QueueStatistics()
        statistics.jobsByState = [.completed: 3, .failed: 1]
        statistics.failuresByReason = [.truncated: 1]
        statistics.cpuSeconds = 1.25
        let health = DaemonHealth(pid: 1, version: "1", state: .stalled, polling: true, diskFull: false)
        let gauges = MetricsText.Gauges(
            now: 1_700_000_060, startedAt: 1_700_000_000, health: health, running: 1, settling: 2, isPaused: false,
            completed: 2, failed: 1)
        let lines = MetricsText(statistics: statistics, gauges: gauges).text.split(separator: "\n")
        #expect(lines.contains("srgan_jobs{state=\"completed\"} 3"))
        #expect(lines.contains("srgan_failed_jobs{reason=\"truncated\"} 1"))
        #expect(lines.contains("srgan_cpu_seconds 1.25"))
        #expect(lines.contains("srgan_polling 1"))
        #expect(
            lines.contains("srgan_health{state=\"stalled\"} 1") && lines.contains("srgan_health{state=\"ready\"} 0"))
        #expect(lines.contains("srgan_ended_jobs_total{outcome=\"failed\"} 1"))
        var seen: Set<Substring> = []
        for line in lines where !line.hasPrefix("#") {
            #expect(line.wholeMatch(of: /[a-z_]+(\{[a-z]+="[a-z0-9_.]+"\})? -?[0-9.e+-]+/) != nil, "\(line)")
            #expect(seen.insert(line.prefix { $0 != " " }).inserted)
        }
    }

    @Test func theMetricsFileIsReplacedAtomically() throws {
        let folder = try TemporaryFolder()
        let file = folder.path.appending("srgan.prom")
        try MetricsWriter.write("# HELP srgan_info one\n", to: file)
        try MetricsWriter.write("# HELP srgan_info two\n", to: file)
        #expect(folder.read("srgan.prom") == "# HELP srgan_info two\n")
        #expect(folder.names() == ["srgan.prom"])
    }

    @Test func aForeignFileIsNotReplacedByMetrics() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("mine", to: "photo.jpg")
        let error = #expect(throws: FileError.self) { try MetricsWriter.write("# HELP srgan_info one\n", to: file) }
        #expect(error?.message.contains("is not replaced") == true && folder.read("photo.jpg") == "mine")
    }

    @Test func anEventIsLoggedAsOneLine() {
        let now = Date(timeIntervalSince1970: 0)
        #expect(ServiceLog.line("a\nb\r\nc", level: .error, isJournal: true, now: now) == "<3>a | b | c")
        // Messages of workers and libraries must lose control bytes and characters that change the writing direction.
        let everything = String(String.UnicodeScalarView((1...0x2FF).compactMap(Unicode.Scalar.init)))
        for isJournal in [true, false] {
            let line = ServiceLog.line(everything + "\u{202E}\u{2028}", level: .info, isJournal: isJournal, now: now)
            #expect(!line.unicodeScalars.contains { $0.value < 32 || (127..<160).contains($0.value) })
            #expect(!line.contains("\u{202E}") && !line.contains("\u{2028}"))
        }
        #expect(ServiceLog.line("a", level: .notice, isJournal: false, now: now) == "1970-01-01T00:00:00Z notice: a")
    }

    @Test func thePrioritiesAreThoseOfSyslog() {
        let levels: [Logger.Level] = [.trace, .debug, .info, .notice, .warning, .error, .critical]
        let lines = levels.map { ServiceLog.line("a", level: $0, isJournal: true, now: Date()) }
        #expect(lines == ["<7>a", "<7>a", "<6>a", "<5>a", "<4>a", "<3>a", "<2>a"])
    }

    @Test func theJournalIsRecognisedByItsStream() throws {
        let pipe = Pipe()
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        var status = stat()
        #expect(fstat(descriptor, &status) == 0)
        let name = "\(status.st_dev):\(status.st_ino)"
        #expect(JournalStream.isBehind(descriptor, environment: ["JOURNAL_STREAM": name]))
        // The variable was inherited from a session whose journal reads another stream.
        #expect(!JournalStream.isBehind(descriptor, environment: ["JOURNAL_STREAM": "8:1"]))
        #expect(!JournalStream.isBehind(descriptor, environment: [:]))
    }

    @Test func systemdIsNotifiedOverItsSocket() throws {
        let folder = try TemporaryFolder()
        let path = folder.path.appending("notify")
        let socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.bytes) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0)
        let notifier = SystemdNotifier(environment: [
            "NOTIFY_SOCKET": path.string, "WATCHDOG_USEC": "3000000", "WATCHDOG_PID": String(getpid()),
        ])
        #expect(notifier.watchdogSeconds == 3)
        notifier.ready("fine")
        var buffer = [UInt8](repeating: 0, count: 200)
        let count = recv(socket, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        #expect(String(decoding: buffer.prefix(max(0, count)), as: UTF8.self) == "READY=1\nSTATUS=fine")
    }

    @Test func anotherProcessWatchdogIsNotOurs() {
        #expect(SystemdNotifier(environment: ["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"]).watchdogSeconds == nil)
    }

    // MARK: - Models

    @Test func modelsAreFoundBesideTheConfigurationAndCopied() throws {
        let service = try TestService(inbox: "model = \"mine\"")
        try service.folder.makeFolder("models")
        try service.folder.write("a model", to: "models/mine.safetensors")
        let locator = ModelLocator(configurationFolder: service.folder.path, environment: [:], program: nil)
        let models = try ModelCatalog.resolve(service.live.current.configuration, locator: locator) { _, _ in }
        #expect(models.flatMap(\.parts).map(\.path) == [service.folder.path.pushing("models/mine.safetensors")])
        let catalog = ModelCatalog(stateFolder: service.folder.path.appending("state"))
        try catalog.keep(models)
        #expect(service.folder.names(in: "state/models") == ["\(models[0].sha256).safetensors"])
        try catalog.removeOthers(than: [])
        #expect(service.folder.names(in: "state/models") == [])
    }

    /// A private copy that is cut short, planted, a link or writable by others is made again.
    @Test(arguments: ["cut", "planted", "link", "writable", "gone"])
    func aDamagedCopyOfAModelIsReplaced(_ damage: String) throws {
        let service = try TestService(inbox: "model = \"mine\"")
        try service.folder.makeFolder("models")
        let source = try service.folder.write("a model", to: "models/mine.safetensors")
        let model = try ResolvedModel(parts: [.init(name: "mine", path: source, sha256: RegularFile.sha256(source))])
        let catalog = ModelCatalog(stateFolder: service.folder.path.appending("state"))
        let copy = catalog.path(of: model.sha256)
        #expect(try catalog.keep([model]) == [copy])
        #expect(try catalog.keep([model]) == [])
        var status = stat()
        #expect(stat(copy.string, &status) == 0 && status.st_mode & 0o777 == 0o400)

        let name = "state/models/\(model.sha256).safetensors"
        if damage != "writable" { try FileManager.default.removeItem(atPath: copy.string) }
        switch damage {
        case "cut": try service.folder.write("a mod", to: name)
        case "planted": try service.folder.write("another", to: name)
        case "link": try #require(symlink(source.string, copy.string) == 0)
        case "writable": try #require(chmod(copy.string, 0o622) == 0)
        default: break
        }
        #expect(try !catalog.hasIntactCopy(of: model.sha256))
        #expect(try catalog.keep([model]) == [copy])
        #expect(try catalog.hasIntactCopy(of: model.sha256))
        #expect(service.folder.read(name) == "a model" && service.folder.read("models/mine.safetensors") == "a model")
    }

    /// A shortage of processes or a disk that does not answer is no mistake of the configuration: the exit code lets
    /// systemd start the service again.
    @Test func anErrorThatPassesIsNoMistakeOfTheConfiguration() throws {
        let service = try TestService(inbox: "model = \"mine\"")
        try service.folder.makeFolder("models")
        try service.folder.write("a model", to: "models/mine.safetensors")
        let locator = ModelLocator(configurationFolder: service.folder.path, environment: [:], program: nil)
        func exitCode(_ error: any Error) -> Int32? {
            let thrown = #expect(throws: DaemonError.self) {
                try ModelCatalog.resolve(service.live.current.configuration, locator: locator) { _, _ in throw error }
            }
            return thrown?.exitCode
        }
        #expect(exitCode(DaemonError(.passing, "There are too many processes.")) == 75)
        #expect(exitCode(FileError.system("read", "/m", number: EIO)) == 75)
        #expect(exitCode(FileError.system("read", "/m", number: EMFILE)) == 75)
        #expect(exitCode(FileError.system("read", "/m", number: ENOENT)) == 78)
        #expect(exitCode(DaemonError(.configuration, "It is blunt.")) == 78)
    }

    @Test func missingAndUnusableModelsAreReported() throws {
        let service = try TestService(inbox: "model = \"models/mine.safetensors\"")
        try service.folder.makeFolder("models")
        let locator = ModelLocator(configurationFolder: service.folder.path, environment: [:], program: nil)
        func problem(_ judge: ([FilePath], Double?) throws -> Void) -> String? {
            do {
                _ = try ModelCatalog.resolve(service.live.current.configuration, locator: locator, judge: judge)
                return nil
            } catch {
                return "\(error)"
            }
        }
        #expect(problem { _, _ in }?.contains("inbox[1].model") == true)
        try service.folder.write("a model", to: "models/mine.safetensors")
        #expect(
            problem { _, _ in throw DaemonError(.configuration, "It is blunt.") }?.hasSuffix("It is blunt.") == true)
        #expect(problem { _, _ in } == nil)
    }
}
