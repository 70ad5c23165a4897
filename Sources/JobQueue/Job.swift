import Foundation
import SystemPackage
import WorkerProtocol

/// A file to enqueue, as described by intake, the part of the daemon that takes files from the inboxes.
public struct NewJob: Sendable, Equatable {
    /// The absolute path of the original. It is a `FilePath` and not a `String`, because a file name need not be UTF-8.
    public var source: FilePath
    /// The inbox's configured path; empty for a file added by `srgan-jobs add`.
    public var inbox: FilePath
    /// The path of the private copy, which the worker reads.
    public var spool: FilePath
    /// SHA-256 of the private copy, lower-case hexadecimal.
    public var contentSHA256: String
    /// Size of the private copy in bytes.
    public var contentSize: Int64
    /// Identifies the file that was at `source` when intake took it: its inode, size and modification time in one text.
    /// A later file of the same name has another stamp, so the two files are distinguished even after a restart of the
    /// daemon. The queue does not interpret the stamp.
    public var sourceStamp: String
    /// SHA-256 of the model file, lower-case hexadecimal.
    public var modelSHA256: String
    /// All other settings that determine the output's bytes (format, quality, overlap, metadata), as canonical JSON.
    public var settings: String
    /// The folder for the output.
    public var outputFolder: FilePath
    /// The preferred name of the output in `outputFolder`; publishing may choose another one.
    public var outputName: FilePath.Component

    /// Creates the description of a file to upscale.
    public init(
        source: FilePath, inbox: FilePath, spool: FilePath, contentSHA256: String, contentSize: Int64,
        sourceStamp: String, modelSHA256: String, settings: String, outputFolder: FilePath,
        outputName: FilePath.Component
    ) {
        self.source = source
        self.inbox = inbox
        self.spool = spool
        self.contentSHA256 = contentSHA256
        self.contentSize = contentSize
        self.sourceStamp = sourceStamp
        self.modelSHA256 = modelSHA256
        self.settings = settings
        self.outputFolder = outputFolder
        self.outputName = outputName
    }
}

/// The right to change a running job. Whoever takes a job by `JobStore.claim` gets this right. Every change under a
/// claim names the job's id and the token, and must change exactly one row.
public struct Claim: Sendable, Hashable {
    /// The job's id.
    public let id: Int64
    /// A random text, new for each claim. It prevents the result of an abandoned worker from overwriting the result of
    /// the job's next worker.
    public let token: String

    /// Creates a claim; only stores do this.
    public init(id: Int64, token: String) {
        self.id = id
        self.token = token
    }
}

/// Measurements of a job, stored with it.
public struct JobMetrics: Sendable, Codable, Equatable {
    /// Seconds from the job's creation to its claim.
    public var waitSeconds: Double = 0
    /// Seconds of decoding, as far as the worker can separate it from upscaling.
    public var decodeSeconds: Double = 0
    /// Seconds of computing the network.
    public var upscaleSeconds: Double = 0
    /// Seconds of encoding.
    public var encodeSeconds: Double = 0
    /// Seconds from the worker's end until the output durably has its final name.
    public var publishSeconds: Double = 0
    /// Wall-clock seconds from claim to completion.
    public var totalSeconds: Double = 0
    /// CPU seconds of the worker, all threads together.
    public var cpuSeconds: Double = 0
    /// The peak resident memory of the worker in bytes.
    public var peakMemoryBytes: Int64 = 0
    /// The number of tiles that went through the network.
    public var tiles: Int = 0
    /// The input's width in pixels, after the orientation in the metadata was applied.
    public var inputWidth: Int = 0
    /// The input's height in pixels, after the orientation in the metadata was applied.
    public var inputHeight: Int = 0
    /// The output's width in pixels.
    public var outputWidth: Int = 0
    /// The output's height in pixels.
    public var outputHeight: Int = 0
    /// The size of the output file in bytes.
    public var outputBytes: Int64 = 0
    /// Changes to the image beyond upscaling, one sentence each ("CMYK was converted to sRGB").
    public var notes: [String] = []
    /// The name of the kernels (the routines that compute the network), such as `avx2`; nil if it is not known. Kernels
    /// of different instruction sets round differently.
    public var kernels: String?

    /// Creates metrics that are all zero.
    public init() {}
}

/// One row of the queue.
public struct Job: Sendable, Equatable, Identifiable {
    /// The job's id. Ids ascend, and none is used twice, not even after its job was pruned.
    public let id: Int64
    /// The state. It determines which of the other properties have values.
    public var state: JobState
    /// The file as it was queued.
    public var input: NewJob
    /// How many times the job was given to a worker; a claim that follows a full disk is not counted.
    public var attempt: Int
    /// The earliest time of the next attempt, in state `retryable`.
    public var runAfter: Date?
    /// The token of the current claim.
    public var token: String?
    /// The published (or, in state `publishing`, intended) output.
    public var output: FilePath?
    /// The temporary name of the output in state `publishing`.
    public var temporaryOutput: FilePath?
    /// SHA-256 of the output's bytes.
    public var outputSHA256: String?
    /// The completed job of equal content, model and settings whose output this job reuses.
    public var reusedJobID: Int64?
    /// Why the job, or its last attempt, failed.
    public var reason: FailureReason?
    /// One full sentence that explains the failure.
    public var message: String?
    /// The path of the original after the job ended: in the archive or the failed folder, or its old path if it was
    /// deliberately left there. Nil while the job has not ended, and if the original no longer exists.
    public var disposedSource: FilePath?
    /// True if the job ended and its original still has to be moved.
    public var needsDisposal: Bool
    /// When intake queued the file.
    public var createdAt: Date
    /// When the job entered the queue: `createdAt`, or the time of the last `srgan-jobs retry`.
    public var queuedAt: Date
    /// When the attempt began: the time of its claim. An attempt that waits for a full disk goes on with the next claim.
    /// Nil before the first claim, and while the job waits in state `available`.
    public var startedAt: Date?
    /// When the job reached a final state.
    public var finishedAt: Date?
    /// The measurements of the last attempt.
    public var metrics: JobMetrics?

    /// The claim under which this row may be written; only in states `running` and `publishing`.
    public var claim: Claim? { token.map { Claim(id: id, token: $0) } }
}
