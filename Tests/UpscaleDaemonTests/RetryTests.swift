import DaemonControl
import Foundation
import JobQueue
import LinuxSupport
import SystemPackage
import Testing

@testable import QueueControl
@testable import ServiceConfiguration
@testable import UpscaleDaemon

/// `srgan-jobs retry` takes what is at the original's path now.
@Suite struct RetryTests {
    private let service: TestService

    init() throws {
        service = try TestService(sections: "[limits]\nmax_file_size_mb = 1")
        // The copy of the model, which must exist.
        let model = service.live.current.inboxes[0].model.sha256
        try service.folder.makeFolder("state/models")
        try service.folder.write("a model", to: "state/models/\(model).safetensors")
    }

    private func retry(_ job: Job) throws -> JobOutcome {
        guard case .jobs(let outcomes) = service.operations().perform(.retry(ids: [job.id])) else {
            throw FileError(.changed, "The retry was not answered.")
        }
        return outcomes[0]
    }

    /// A failed job whose original is in the failed folder.
    private func failed(_ name: String) throws -> Job {
        let job = try service.failed(name)
        service.disposer.cleanUp(after: job)
        return try service.job(job.id)
    }

    @Test func anUnchangedFileIsQueuedAgain() throws {
        let job = try failed("a.png")
        #expect(try retry(job) == JobOutcome(id: job.id, changed: true))
        #expect(try service.job(job.id).input.contentSHA256 == job.input.contentSHA256)
    }

    @Test func aChangedFileIsCopiedAnew() throws {
        let job = try failed("a.png")
        try service.folder.write("the whole image", to: "failed/a.png")
        let outcome = try retry(job)
        #expect(outcome.changed && outcome.message?.contains("has changed") == true)
        let again = try service.job(job.id)
        #expect(again.state == .available && again.input.contentSHA256 == SHA256.hash(Data("the whole image".utf8)))
        #expect(again.input.contentSize == 15)
        #expect(try RegularFile.read(again.input.spool, limit: 100) == Array("the whole image".utf8))
        // At its end, the original leaves the failed folder.
        let claimed = try #require(try service.store.claim(now: Date()))
        let temporary = TemporaryOutput.path(in: claimed.input.outputFolder, id: claimed.id)
        try Data("upscaled".utf8).write(to: URL(fileURLWithPath: temporary.string))
        try service.publish(claimed, claimed.claim!, temporary)
        #expect(service.folder.names(in: "failed") == [])
        #expect(service.folder.read("archive/a.png") == "the whole image")
    }

    @Test func aRefusedFileIsQueuedOnceItHasContent() throws {
        try service.folder.write("", to: "in/a.png")
        guard case .rejected(let job) = try service.take("a.png") else {
            Issue.record("was not rejected")
            return
        }
        service.disposer.dispose(job.id)
        #expect(try retry(job).message?.hasSuffix("failed/a.png has 0 bytes.") == true)
        try service.folder.write(String(repeating: "x", count: 1_000_001), to: "failed/a.png")
        #expect(try retry(job).message?.contains("max_file_size_mb") == true)
        #expect(try service.job(job.id).state == .failed)
        try service.folder.write("an image", to: "failed/a.png")
        #expect(try retry(job).changed)
        #expect(try service.job(job.id).input.contentSHA256 == SHA256.hash(Data("an image".utf8)))
    }

    @Test func aFileThatIsBeingWrittenIsRefused() throws {
        let job = try failed("a.png")
        let path = try service.folder.write("half", to: "failed/a.png")
        let writer = try FileDescriptor.open(path, .writeOnly)
        #expect(try retry(job).message?.contains("is still open for writing") == true)
        try writer.close()
        #expect(try retry(job).changed)
    }

    /// The link would give the content of a file that its creator may not be able to read.
    @Test func aLinkInPlaceOfTheFileIsNotFollowed() throws {
        let job = try failed("a.png")
        try service.folder.write("secret", to: "secret.png")
        let place = service.folder.path.pushing("failed/a.png").string
        unlink(place)
        symlink(service.folder.path.appending("secret.png").string, place)
        #expect(try retry(job).message?.contains("is gone") == true)
        #expect(service.folder.names(in: "state/spool") == [])
    }

    /// The reason is named; "gone" would be wrong.
    @Test func aPipeInPlaceOfTheFileIsNamed() throws {
        let job = try failed("a.png")
        let place = service.folder.path.pushing("failed/a.png").string
        unlink(place)
        mkfifo(place, 0o600)
        let message = try #require(try retry(job).message)
        #expect(message.contains(place) && !message.contains("is gone"), "\(message)")
    }

    @Test func contentThatWaitsAlreadyIsNotQueuedTwice() throws {
        let job = try failed("a.png")
        try FileManager.default.removeItem(atPath: service.folder.path.pushing("failed/a.png").string)
        try service.store.recordDisposal(id: job.id, disposedSource: nil)
        let other = try service.queue("a.png", content: "another image")
        let outcome = try retry(job)
        #expect(!outcome.changed && outcome.message?.contains("Job \(other.id) has the same file") == true)
        #expect(service.folder.names(in: "state/spool").count == 1)
    }
}
