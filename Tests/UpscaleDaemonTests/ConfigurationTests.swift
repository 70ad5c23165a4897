import Foundation
import LinuxSupport
import SystemPackage
import Testing

@testable import ServiceConfiguration
@testable import UpscaleDaemon

@Suite struct ConfigurationTests {
    private func parse(_ text: String) throws -> Configuration {
        try Configuration.parse(text, path: "/srv/images/config.toml")
    }

    private func mistakes(_ text: String) -> [String] {
        do {
            _ = try parse(text)
            return []
        } catch let error as DaemonError {
            return error.mistakes.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }

    private let least = """
        [state]
        directory = "state"
        [[inbox]]
        path = "in/a"
        outbox = "/out"
        """

    /// The parser alone would end the process at each of these texts.
    @Test(arguments: [
        "[#]", "\n[ .a]", "[[=", "[[[a]]]", "[", "\u{FEFF}[é]", "a = 1\r\n\t[ [", "a = [}", "a = 1979-05-27T\u{0}",
        "a = 1979-05-27 5", "a = [ 1_979-05-27 5]", "a = 1979-05-27 5# o'clock",
        "a = 1979-0>-27 7 \"f\"", "a = 1979-05-27T\"07:32:00Z[\"", "a = 1ac>-05-27 7", "a = 1[a3-05-27 7",
        "a = 1\"23-05-27 7",
    ])
    func whatTheParserMustNotSeeIsAMistake(_ text: String) {
        #expect(mistakes(text + "\n") != [] && mistakes(least + "\n" + text + "\nx").count > 0)
    }

    @Test(arguments: ["~/photos", "~", "~anna/photos", "$HOME/photos", "${HOME}"])
    func pathsAreNotExpanded(_ path: String) {
        for key in ["path", "outbox", "archive", "failed"] {
            let text =
                least.replacingOccurrences(of: "path = \"in/a\"\noutbox = \"/out\"", with: "")
                + (key == "path" ? "" : "path = \"in/a\"\n") + (key == "outbox" ? "" : "outbox = \"/out\"\n")
                + "\(key) = \"\(path)\"\n"
            #expect(mistakes(text).count == 1 && mistakes(text)[0].contains("inbox[1].\(key): is \"\(path)\", but ~"))
        }
        #expect(mistakes(least.replacingOccurrences(of: "\"state\"", with: "\"\(path)\"")).count == 1)
        #expect(mistakes(least + "\n[metrics]\nfile = \"\(path)\"").count == 1)
        #expect(mistakes(least.replacingOccurrences(of: "in/a", with: "./~in")) == [])
    }

    @Test func aMountOrAMarkerCanBeRequired() throws {
        func inbox(_ line: String) throws -> InboxConfiguration { try parse(least + "\n" + line).inboxes[0] }
        #expect(try inbox("").requiredMount == nil && inbox("").marker == nil && !inbox("").removeEmpty)
        #expect(try inbox("require_mount = false").requiredMount == nil)
        #expect(try inbox("require_mount = true").requiredMount == .anyMount)
        #expect(try inbox("require_mount = \"in\"").requiredMount == .at("/srv/images/in"))
        #expect(try inbox("marker = \".here\"").marker == ".here")
        #expect(mistakes(least + "\nrequire_mount = \"/mnt/other\"").first?.contains("a folder above it") == true)
        #expect(mistakes(least + "\nrequire_mount = 3").count == 1)
        #expect(mistakes(least + "\nmarker = \"a/b\"").count == 1)
    }

    @Test func theMountOfAnInboxIsFound() throws {
        func problem(_ path: FilePath, _ mount: InboxConfiguration.RequiredMount) throws -> String? {
            var inbox = try parse(least).inboxes[0]
            (inbox.path, inbox.requiredMount) = (path, mount)
            return inbox.unavailability
        }
        // /proc is a mount in every system, /proc/self is not one.
        #expect(try problem("/proc", .anyMount) == nil)
        #expect(try problem("/", .anyMount)?.contains("no file system is mounted there") == true)
        #expect(try problem("/proc/self", .at("/proc")) == nil)
        #expect(try problem("/proc/self", .at("/proc/self"))?.contains("mounted at /proc/self") == true)
        #expect(try problem("/proc/self", .at("/no/mount"))?.contains("mounted at /no/mount") == true)
    }

    @Test(arguments: [
        ("outbox", "state/out", "lies inside the state folder"), ("outbox", "state", "lies inside the state folder"),
        ("failed", "state/spool", "lies inside the state folder"), ("archive", ".", "state.directory: lies inside"),
    ])
    func nothingIsMovedIntoTheStateFolder(_ key: String, _ path: String, _ mistake: String) {
        let text =
            key == "outbox" ? least.replacingOccurrences(of: "/out", with: path) : least + "\n\(key) = \"\(path)\""
        #expect(mistakes(text).contains { $0.contains(mistake) }, "\(mistakes(text))")
    }

    @Test func theLeastConfigurationHasEveryDefault() throws {
        let configuration = try parse(least)
        #expect(configuration.stateFolder == "/srv/images/state")
        #expect(configuration.inboxes.count == 1)
        let inbox = configuration.inboxes[0]
        #expect(inbox.path == "/srv/images/in/a")
        #expect(inbox.outbox == "/out")
        #expect(inbox.archive == "/srv/images/in/archive")
        #expect(inbox.failed == "/srv/images/in/failed")
        #expect(inbox.models == ["srgan-photo-x4"])
        #expect(inbox.format == .same)
        #expect(inbox.quality == 90)
        #expect(inbox.compression == nil)
        #expect(inbox.originals == .archive)
        #expect(inbox.settleSeconds == 5)
        #expect(inbox.recursive)
        #expect(inbox.keepMetadata)
        #expect(!inbox.keepGPS)
        #expect(configuration.workers.nice == 10)
        #expect(configuration.workers.timeoutSeconds == 3600)
        #expect(configuration.workers.resolved(cores: 8) == (1, 8))
        #expect(configuration.upscale.overlap == Configuration.Upscale.modelsOverlap)
        #expect(configuration.limits.maxFileSize == 100_000_000)
        #expect(configuration.limits.formats == [.jpeg, .png, .webp, .tiff])
        #expect(configuration.limits.maxPages == 10_000)
        #expect(configuration.limits.workerMemory(threads: 2) == 2_128_000_000)
        #expect(configuration.retry.maxAttempts == 3)
        #expect(configuration.metrics.file == nil)
        #expect(configuration.log.level == .info)
        #expect(configuration.service.controlSocketMode == 0o660)
    }

    @Test func everyKeyIsRead() throws {
        let configuration = try parse(
            """
            [state]
            directory = "/var/lib/srgan"
            [[inbox]]
            path = "/in"
            outbox = "out"
            archive = "done"
            failed = "bad"
            model = "models/mine.safetensors"
            format = "webp"
            quality = 75
            compression = 9
            naming = "{stem}_{scale}_{model}_{id}{extension}"
            originals = "delete"
            settle_seconds = 0.5
            recursive = false
            ignore = ["*.raw"]
            keep_metadata = false
            keep_gps = true
            [workers]
            processes = 3
            threads = "auto"
            nice = 0
            program = "bin/srgan"
            timeout_seconds = 60
            [upscale]
            tile = 128
            overlap = "exact"
            [limits]
            max_file_size_mb = 1
            max_megapixels = 2
            max_side = 3
            max_pages = 4
            worker_memory_mb = 1000
            formats = ["tif", "jpg", "png"]
            min_free_space_mb = 0
            [retry]
            max_attempts = 1
            first_delay_seconds = 0
            max_delay_seconds = 1.5
            [metrics]
            file = "srgan.prom"
            interval_seconds = 1
            [log]
            level = "debug"
            [service]
            rescan_seconds = 5
            stop_timeout_seconds = 0
            control_socket_mode = "0600"
            """)
        let inbox = configuration.inboxes[0]
        #expect(inbox.archive == "/srv/images/done")
        #expect(inbox.format == .webp)
        #expect(inbox.compression == 9)
        #expect(inbox.originals == .delete)
        #expect(inbox.settleSeconds == 0.5)
        #expect(inbox.ignore == ["*.raw"])
        #expect(configuration.workers.resolved(cores: 8) == (3, 2))
        #expect(configuration.workers.program == "/srv/images/bin/srgan")
        #expect(configuration.upscale.tile == 128)
        #expect(configuration.upscale.overlap == nil)
        #expect(configuration.limits.maxPixels == 2_000_000)
        #expect(configuration.limits.formats == [.tiff, .jpeg, .png])
        #expect(configuration.limits.maxPages == 4)
        #expect(configuration.limits.workerMemory(threads: 2) == 1_000_000_000)
        #expect(configuration.retry.maxDelaySeconds == 1.5)
        #expect(configuration.metrics.file == "/srv/images/srgan.prom")
        #expect(configuration.log.level == .debug)
        #expect(configuration.service.controlSocketMode == 0o600)
    }

    @Test(
        arguments: [("jpg", .jpg), ("jpeg", .jpg), ("tif", .tif), ("tiff", .tif)]
            as [(
                String, InboxConfiguration.Format
            )])
    func bothSpellingsOfAFormat(_ word: String, _ format: InboxConfiguration.Format) throws {
        let configuration = try parse(least + "\nformat = \"\(word)\"\n[limits]\nformats = [\"\(word)\"]")
        #expect(configuration.inboxes[0].format == format)
        #expect(configuration.limits.formats == [format == .jpg ? .jpeg : .tiff])
    }

    @Test func everyMistakeIsReportedWithKeyAndLine() {
        let found = mistakes(
            """
            [state]
            directory = 7
            folder = "x"

            [[inbox]]
            path = "/in"
            outbox = "/out"
            quality = 101

            [[inbox]]
            path = "/in2"
            format = "bmp"
            naming = "{stem}{size}{extension}"

            [worker]
            processes = 1
            [upscale]
            overlap = "none"
            [limits]
            formats = ["jpeg", "psd"]
            """)
        let file = "/srv/images/config.toml"
        #expect(
            found == [
                "\(file):2: state.directory: must be a string, but is an integer.",
                "\(file):3: state.folder: is not a known key; known here: directory.",
                "\(file):8: inbox[1].quality: must be from 1 to 100, but is 101.",
                "\(file):10: inbox[2].outbox: is missing; write for example outbox = \"outbox\".",
                "\(file):12: inbox[2].format: must be \"same\", \"png\", \"jpg\", \"webp\" or \"tif\", but is \"bmp\".",
                "\(file):13: inbox[2].naming: has the unknown placeholder {size}; known: {stem} {extension} {scale} {model} {id}.",
                "\(file):15: worker: is not a known key; known here: events, hook, inbox, limits, log, metrics, notify, retry, service, state, upscale, workers.",
                "\(file):18: upscale.overlap: must be \"exact\" or a number from 0 to 512, but is \"none\".",
                "\(file):20: limits.formats: must contain only \"jpeg\", \"png\", \"webp\", \"tiff\" or \"gif\", but has \"psd\".",
            ])
    }

    @Test func brokenTOMLIsReportedWithItsLine() {
        let found = mistakes("[state]\ndirectory = \"x\n")
        #expect(found.count == 1)
        #expect(found[0].hasPrefix("/srv/images/config.toml:2: is not valid TOML"))
    }

    @Test func aMissingInboxAndStateAreReported() {
        let found = mistakes("[log]\nlevel = \"info\"\n")
        #expect(found.count == 2)
        #expect(found.contains { $0.contains("state.directory: is missing") })
        #expect(found.contains { $0.contains("at least one [[inbox]]") })
    }

    @Test(arguments: [
        ("path = \"/a/in\"\noutbox = \"/a/in/out\"", "inbox[1].outbox: lies inside the inbox"),
        ("path = \"/a/in\"\noutbox = \"/a/in\"", "inbox[1].outbox: lies inside the inbox"),
        ("path = \"/a/in\"\noutbox = \"/a/out\"\narchive = \"/a/in/old\"", "inbox[1].archive: lies inside the inbox"),
        ("path = \"/a/in\"\noutbox = \"/a/out\"\nfailed = \"/a/in/bad\"", "inbox[1].failed: lies inside the inbox"),
        ("path = \"/a/in\"\noutbox = \"/a\"", "inbox[1].outbox: contains the inbox"),
        ("path = \"/a\"\noutbox = \"/b\"\narchive = \"/c\"\nfailed = \"/d\"", "state.directory: lies inside inbox[1]"),
        ("path = \"/a/state/in\"\noutbox = \"/b\"", "inbox[1].path: lies inside the state folder"),
        (
            "path = \"/x\"\noutbox = \"/o\"\narchive = \"/o\"\nfailed = \"/o\"\n[[inbox]]\npath = \"/x/y\"\noutbox = \"/o\"\narchive = \"/o\"\nfailed = \"/o\"",
            "inbox[2].path: lies inside inbox[1]"
        ),
        (
            "path = \"/x\"\noutbox = \"/o\"\n[[inbox]]\npath = \"/x\"\noutbox = \"/o\"",
            "inbox[2].path: is the same folder"
        ),
        (
            "path = \"/x\"\noutbox = \"/y\"\n[[inbox]]\npath = \"/y\"\noutbox = \"/o\"",
            "inbox[1].outbox: lies inside inbox[2]"
        ),
    ])
    func foldersThatWouldFeedEachOtherAreRefused(inbox: String, expected: String) {
        let found = mistakes("[state]\ndirectory = \"/a/state\"\n[[inbox]]\n\(inbox)\n")
        #expect(found.contains { $0.contains(expected) }, "\(found)")
    }

    @Test func anOutboxBelowANonRecursiveInboxIsAllowed() {
        #expect(
            mistakes(
                "[state]\ndirectory = \"/s\"\n[[inbox]]\npath = \"/in\"\noutbox = \"/in/out\"\narchive = \"/in/a\"\nfailed = \"/in/f\"\nrecursive = false"
            ) == [])
    }

    @Test func realPathsAreCompared() throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder("in")
        symlink(folder.path.appending("in").string, folder.path.appending("link").string)
        let text = """
            [state]
            directory = "state"
            [[inbox]]
            path = "in"
            outbox = "link/out"
            """
        #expect(throws: DaemonError.self) { try Configuration.parse(text, path: folder.path.appending("c.toml")) }
    }

    @Test func aFileThatCannotBeReadIsOneMistake() {
        let error = #expect(throws: DaemonError.self) { try Configuration.load(path: "/nonexistent/config.toml") }
        #expect(error?.exitCode == 78)
        #expect(error?.mistakes.count == 1)
    }

    @Test func theSampleHasOnlyDefaults() throws {
        let sample = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
            .appending("config.toml")
        let text = try String(decoding: RegularFile.read(sample, limit: 1 << 20), as: UTF8.self)
        var uncommented = ""
        // The sample hook is no default. It must be right, too.
        let hook = try #require(text.range(of: "# [[hook]]"))
        let end = try #require(text.range(of: "[notify]"))
        let example = text[hook.lowerBound..<end.lowerBound].replacing("\n# ", with: "\n").dropFirst(2)
        #expect(try Configuration.parse(text + "\n" + example, path: "/srv/config.toml").hooks.count == 1)
        for line in (text[..<hook.lowerBound] + text[end.lowerBound...]).split(separator: "\n") {
            uncommented += line.hasPrefix("# ") && line.contains(" = ") ? line.dropFirst(2) + "\n" : line + "\n"
        }
        var plain = try Configuration.parse(text, path: "/srv/config.toml")
        let full = try Configuration.parse(
            uncommented.split(separator: "\n").filter { line in
                !["texture", "fidelity_model", "compression", "program", "file", "marker"].contains(
                    where: line.hasPrefix)
            }.joined(separator: "\n"), path: "/srv/config.toml")
        plain.file = full.file
        #expect(full == plain)
    }
}
