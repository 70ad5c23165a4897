import ArgumentParser
import Foundation
import JobQueue
import SystemPackage

/// Times the changes to the queue database that a job causes, without upscaling an image.
struct QueueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue",
        abstract: "Pass jobs through a queue in a new state folder; each change is durable, as in the service.",
        discussion: "Prints JSON: median milliseconds of each step of a job.")

    @Argument(help: "An empty folder.") var folder: String
    @Option var jobs = 200

    func run() throws {
        let lock = try StateLock(directory: FilePath(folder), version: "srgan-bench")
        defer { withExtendedLifetime(lock) {} }
        let store = try SQLiteJobStore(path: SQLiteJobStore.path(in: FilePath(folder)))
        var (enqueued, claimed, finished) = ([Double](), [Double](), [Double]())
        for number in 0..<jobs {
            let hash = String(repeating: "0", count: 56) + String(10_000_000 + number)
            let job = NewJob(
                source: FilePath("/inbox/\(number).jpg"), inbox: "/inbox", spool: FilePath("/spool/\(number)"),
                contentSHA256: hash, contentSize: 1, sourceStamp: "", modelSHA256: hash, settings: "{}",
                outputFolder: "/outbox", outputName: FilePath.Component("\(number).png")!)
            var claim: Claim?
            enqueued.append(try milliseconds { _ = try store.enqueue(job, now: Date()) })
            claimed.append(try milliseconds { claim = try store.claim(now: Date())?.claim })
            guard let claim else { throw ValidationError("The queue has no job to claim.") }
            finished.append(
                try milliseconds {
                    try store.beginPublishing(
                        claim, temporary: "/outbox/.part", output: FilePath("/outbox/\(number).png"),
                        outputSHA256: hash, metrics: JobMetrics(), reusedJobID: nil)
                    try store.complete(claim, metrics: JobMetrics(), now: Date())
                    try store.recordDisposal(id: claim.id, disposedSource: FilePath("/archive/\(number).jpg"))
                })
        }
        let all = zip(zip(enqueued, claimed), finished).map { $0.0 + $0.1 + $1 }
        print(
            """
            {"enqueue": \(Self.median(enqueued)), "claim": \(Self.median(claimed)), \
            "finish": \(Self.median(finished)), "job": \(Self.median(all))}
            """)
    }

    private func milliseconds(_ work: () throws -> Void) throws -> Double {
        try ContinuousClock().measure(work) / .milliseconds(1)
    }

    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
