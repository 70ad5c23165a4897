import Foundation
import JobQueue
import LinuxSupport
import ServiceConfiguration
import SystemPackage
import Testing

@testable import EventHooks

/// A folder for one test, removed together with the object.
final class TemporaryFolder: Sendable {
    let path: FilePath

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "srgan-hooks-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = FilePath(url.path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path.string) }
}

extension Delivery {
    static func sample(_ event: Int64, job: Int64 = 1, hook: String = "a") -> Delivery {
        Delivery(
            hook: hook, event: event, kind: "completed", job: job, body: #"{"event":\#(event)}"#, attempts: 0,
            dueAt: Date(timeIntervalSince1970: 0), problem: nil, isDead: false)
    }
}

@Suite struct DeliveryStoreTests {
    private let folder: TemporaryFolder
    private let now = Date(timeIntervalSince1970: 1_700_000_000)
    init() throws { folder = try TemporaryFolder() }

    private func open() throws -> DeliveryStore { try DeliveryStore(directory: folder.path.appending("notify")) }

    @Test func deliveriesSurviveTheProgram() throws {
        #expect(try open().position() == nil)
        try open().store([.sample(7), .sample(8, job: 2)], position: 9)
        #expect(try open().position() == 9)
        #expect(try open().all() == [.sample(7), .sample(8, job: 2)])
        // The same events again, after a crash before the reader kept its place, are stored once.
        try open().store([.sample(7)], position: 9)
        #expect(try open().all().count == 2)
    }

    @Test func theEventsOfAJobAreDeliveredInOrderAndDoNotHoldUpOthers() throws {
        let store = try open()
        try store.store([.sample(1), .sample(2), .sample(3, job: 2), .sample(1, hook: "b")], position: 3)
        var first = try #require(try store.next(hook: "a", now: now))
        #expect(first.event == 1)
        first.attempts = 1
        first.dueAt = now + 60
        first.problem = "No answer."
        try store.update(first)
        // Event 2 waits behind event 1 of its job; job 2 does not wait.
        let other = try #require(try store.next(hook: "a", now: now))
        #expect(other.event == 3)
        try store.remove(other)
        #expect(try store.next(hook: "a", now: now) == nil)
        #expect(try store.next(hook: "b", now: now)?.event == 1)
        #expect(try store.next(hook: "a", now: now + 60) == first)
        try store.remove(first)
        #expect(try store.next(hook: "a", now: now)?.event == 2)
    }

    @Test func whatIsGivenUpIsKeptUntilAPersonDecides() throws {
        let store = try open()
        try store.store([.sample(1), .sample(2), .sample(3, hook: "gone")], position: 3)
        var first = try #require(try store.next(hook: "a", now: now))
        first.isDead = true
        try store.update(first)
        #expect(try store.next(hook: "a", now: now)?.event == 2)
        #expect(try store.giveUp(exceptHooks: ["a"]) == 1)
        #expect(try store.giveUp(exceptHooks: ["a"]) == 0)
        #expect(try store.all().map(\.isDead) == [true, false, true])
        #expect(try store.repeatDead(hook: "a") == 1)
        #expect(try store.next(hook: "a", now: now)?.event == 1)
        #expect(try store.removeDead(hook: nil) == 1)
        #expect(try store.all().map(\.event) == [1, 2])
    }

    @Test func attemptsAreFarApartAndFinite() throws {
        let text = """
            [state]
            directory = "state"
            [[inbox]]
            path = "in"
            outbox = "out"
            [[hook]]
            name = "a"
            url = "https://example.org/"
            max_attempts = 12
            """
        let hook = try #require(Configuration.parse(text, path: "/etc/config.toml").hooks.first)
        var delivery = Delivery.sample(1)
        var delays: [Double] = []
        while !delivery.isDead {
            delivery = HookService.failed(delivery, "No answer.", hook, now: now, random: 1)
            delays.append(delivery.dueAt.timeIntervalSince(now))
        }
        #expect(delays == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600])
    }

    @Test func hooksOfTheConfigurationAreChecked() {
        let text = """
            [state]
            directory = "state"
            [[inbox]]
            path = "in"
            outbox = "out"
            [[hook]]
            name = "a"
            url = "ftp://example.org/"
            [[hook]]
            name = "a"
            command = ["notify"]
            on = ["done"]
            [[hook]]
            name = "c"
            secret_file = "key"
            """
        let error = #expect(throws: DaemonError.self) { try Configuration.parse(text, path: "/etc/config.toml") }
        let mistakes = "\(error.map { "\($0)" } ?? "")"
        for part in [
            "hook[1].url: must begin with https://", "hook[2].command: must begin with the absolute path",
            "hook[2].on: must contain only", "hook[2].name: is \"a\", as in another hook",
            "hook[3].command: or url is needed", "hook[3].secret_file: has no effect without url",
        ] { #expect(mistakes.contains(part), "\(mistakes)") }
    }

    @Test func everyKindOfEventCanBeAskedFor() {
        #expect(HookConfiguration.Kind.allCases.map(\.rawValue) == JobEvent.Kind.allCases.map(\.rawValue))
    }
}
