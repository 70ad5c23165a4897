import Foundation
import JobQueue
import SystemPackage
import Testing

/// A folder for one test, removed together with the object.
final class TemporaryFolder: Sendable {
    let path: FilePath

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "srgan-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = FilePath(url.path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path.string) }

    var database: FilePath { SQLiteJobStore.path(in: path) }
}

/// A whole second, so that the database's milliseconds represent it exactly.
let noon = Date(timeIntervalSince1970: 1_700_000_000)

extension NewJob {
    /// A file `name` whose content hash is derived from `content`.
    static func sample(_ name: String = "a.jpg", content: Int = 1, inbox: FilePath = "/inbox") -> NewJob {
        NewJob(
            source: inbox.appending(name), inbox: inbox, spool: FilePath("/state/spool/\(name)"),
            contentSHA256: hash(content), contentSize: 1000, sourceStamp: "1:2:3", modelSHA256: hash(77),
            settings: #"{"format":"same"}"#, outputFolder: "/outbox", outputName: FilePath.Component(name)!)
    }

    static func hash(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 64 - digits.count) + digits
    }
}

extension JobMetrics {
    static func sample(seed: Int = 1) -> JobMetrics {
        var metrics = JobMetrics()
        metrics.waitSeconds = Double(seed) * 0.25
        metrics.decodeSeconds = Double(seed) * 0.5
        metrics.upscaleSeconds = Double(seed) * 2
        metrics.encodeSeconds = Double(seed) * 0.125
        metrics.publishSeconds = Double(seed) * 0.001
        metrics.totalSeconds = Double(seed) * 3
        metrics.cpuSeconds = Double(seed) * 5.5
        metrics.peakMemoryBytes = 300_000_000
        metrics.tiles = 20 + seed
        metrics.inputWidth = 640
        metrics.inputHeight = 480 + seed
        metrics.outputWidth = 2560
        metrics.outputHeight = 4 * (480 + seed)
        metrics.outputBytes = 4_000_000
        metrics.notes = ["CMYK was converted to sRGB.", "\"quoted\" Ü"]
        metrics.kernels = "avx2"
        return metrics
    }
}

extension EnqueueOutcome {
    /// The new row; records an issue if there is none.
    func created() throws -> Job {
        guard case .created(let job) = self else {
            throw Unexpected("\(self) is no new row")
        }
        return job
    }
}

/// An error that a test itself throws.
struct Unexpected: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension JobStore {
    func add(_ name: String = "a.jpg", content: Int = 1, now: Date = noon) throws -> Job {
        try enqueue(.sample(name, content: content), now: now).created()
    }

    /// Claims the next job, which must exist.
    func take(now: Date = noon) throws -> Claim {
        try #require(claim(now: now)?.claim)
    }

    /// Completes the running job.
    func finish(_ claim: Claim, metrics: JobMetrics = .sample(), reused: Int64? = nil, now: Date = noon) throws {
        try beginPublishing(
            claim, temporary: "/outbox/.srgan-1-x.part", output: "/outbox/a.jpg", outputSHA256: NewJob.hash(99),
            metrics: metrics, reusedJobID: reused)
        try complete(claim, metrics: metrics, now: now)
    }
}

/// Checks that `body` throws a `JobStoreError` of `code`, and returns its message.
@discardableResult
func expectError<T>(
    _ code: JobStoreError.Code, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> T
) -> String {
    do {
        _ = try body()
        Issue.record("nothing was thrown, expected \(code)", sourceLocation: sourceLocation)
    } catch let error as JobStoreError {
        #expect(error.code == code, "\(error.message)", sourceLocation: sourceLocation)
        return error.message
    } catch {
        Issue.record("\(error) was thrown, expected \(code)", sourceLocation: sourceLocation)
    }
    return ""
}
