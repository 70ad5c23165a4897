import Foundation
import LinuxSupport
import Synchronization
import SystemPackage
import Testing

@testable import EventHooks

/// Webhooks against a real server, and commands.
@Suite struct ActionTests {
    private let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func problem(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func aRequestIsSignedAndCarriesItsEvent() throws {
        let receiver = try HTTPReceiver { _, _ in "204 No Content" }
        let secret = folder.path.appending("secret")
        try Data("a key\n".utf8).write(to: URL(filePath: secret.string))
        let now = Date(timeIntervalSince1970: 1_700_000_000)
        try Webhook(url: receiver.url, secretFile: secret, timeoutSeconds: 10).send(.sample(17), now: now)
        let request = try #require(receiver.requests.first)
        #expect(request.head.hasPrefix("POST /hook HTTP/1.1"))
        #expect(request.body == #"{"event":17}"#)
        #expect(request.header("Content-Type") == "application/json" && request.header("X-Srgan-Event") == "17")
        #expect(request.header("Idempotency-Key") == "a-17" && request.header("X-Srgan-Kind") == "completed")
        // printf '1700000000.{"event":17}' | openssl dgst -sha256 -hmac 'a key'
        #expect(
            request.header("X-Srgan-Signature")
                == "t=1700000000,v1=114be438f623c7dde7e8b1063db0b47ef459601648d480b177c73d97f778f9bb")
    }

    @Test func anAnswerOtherThanSuccessIsAFailureWithItsReason() throws {
        let receiver = try HTTPReceiver { number, _ in ["500 Oops", "302 Found", "404 Not Found", nil][number] }
        let webhook = Webhook(url: receiver.url, secretFile: nil, timeoutSeconds: 10)
        func send() -> String? { problem { try webhook.send(.sample(1), now: Date()) } }
        #expect(send() == "The server answered 500.")
        #expect(send() == "The server answered 302, a redirection, which is not followed.")
        #expect(send() == "The server answered 404.")
        #expect(send()?.hasPrefix("No answer: ") == true)
        #expect(receiver.requests.count == 4 && receiver.requests.allSatisfy { $0.header("X-Srgan-Signature") == nil })
        let missing = Webhook(url: receiver.url, secretFile: folder.path.appending("none"), timeoutSeconds: 10)
        #expect(problem { try missing.send(.sample(1), now: Date()) }?.contains("secret file cannot be read") == true)
        let silent = Webhook(url: "http://127.0.0.1:1/", secretFile: nil, timeoutSeconds: 10)
        #expect(problem { try silent.send(.sample(1), now: Date()) }?.contains("port 1") == true)
        let file = Webhook(url: "file:///etc/passwd", secretFile: nil, timeoutSeconds: 10)
        #expect(problem { try file.send(.sample(1), now: Date()) } != nil)
    }

    @Test func aSlowServerIsCutOff() throws {
        // The listener's backlog accepts the connection, but nobody answers while the first request is served.
        let release = Mutex(false)
        let receiver = try HTTPReceiver { _, _ in
            while !release.withLock({ $0 }) { sched_yield() }
            return "200 OK"
        }
        defer { release.withLock { $0 = true } }
        let webhook = Webhook(url: receiver.url, secretFile: nil, timeoutSeconds: 0.2)
        #expect(problem { try webhook.send(.sample(1), now: Date()) }?.contains("timed out") == true)
    }

    @Test func aCommandGetsTheEventAndItsOutputIsLogged() throws {
        let lines = Mutex<[String]>([])
        let out = folder.path.appending("out")
        func command(_ script: String, seconds: Double = 10) -> String? {
            let hook = CommandHook(words: ["/bin/sh", "-c", script, "sh", out.string], timeoutSeconds: seconds) {
                line in
                lines.withLock { $0.append(line) }
            }
            return problem { try hook.run(.sample(5, job: 3)) }
        }
        #expect(command("cat > $1; echo $SRGAN_EVENT $SRGAN_JOB; echo oops >&2") == nil)
        #expect(try String(contentsOfFile: out.string, encoding: .utf8) == "{\"event\":5}\n")
        #expect(lines.withLock { $0 } == ["completed 3", "oops"])
        #expect(command("exit 3") == "/bin/sh ended with exit code 3.")
        #expect(command("kill -9 $$") == "/bin/sh was ended by signal 9.")
        // A program that ends late is killed with its children.
        #expect(command("sleep 1000 & wait", seconds: 0.2)?.contains("did not end within") == true)
        lines.withLock { $0 = [] }
        #expect(command("seq 300") == nil)
        #expect(lines.withLock { $0.count == 101 && $0.last == "(200 more lines are not shown)" })
        let missing = CommandHook(words: ["/none"], timeoutSeconds: 1) { _ in }
        #expect(problem { try missing.run(.sample(1)) }?.contains("/none cannot be started") == true)
    }
}
