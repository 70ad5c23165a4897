import Foundation
import SystemPackage
import WorkerProtocol

/// What intake knows of a file when it hands it to the queue.
public struct NewJob: Sendable, Equatable {
    /// Where the original lies, absolute. Bytes, not text: a name need not be UTF-8.
    public var source: FilePath
    /// The inbox's configured path; empty for a file added by `srgan-jobs add`.
    public var inbox: FilePath
    /// The private copy that the worker reads.
    public var spool: FilePath
    /// SHA-256 of the spooled bytes, lower-case hexadecimal.
    public var contentSHA256: String
    /// Size of the spooled copy in bytes.
    public var contentSize: Int64
    /// Which file lay at `source` when it was taken (inode, size and time of modification in one word): tells the file that was
    /// taken from a later one of the same name, across restarts. Opaque to the queue.
    public var sourceStamp: String
    /// SHA-256 of the model file, lower-case hexadecimal.
    public var modelSHA256: String
    /// Everything else that decides the output's bytes (format, quality, overlap, metadata), as canonical JSON.
    public var settings: String
    /// The folder that gets the output.
    public var outputFolder: FilePath
    /// The wished-for name of the output in `outputFolder`; publishing may have to choose another one.
    public var outputName: FilePath.Component

    /// Creates a description of a file to upscale.
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

/// The right to write a running job: every write carries both and must change one row.
public struct Claim: Sendable, Hashable {
    /// The job.
    public let id: Int64
    /// Fresh at each claim, so that a worker that was given up cannot write over its successor.
    public let token: String

    /// Creates a claim, as a store does.
    public init(id: Int64, token: String) {
        self.id = id
        self.token = token
    }
}

/// What a worker measured; kept with the job.
public struct JobMetrics: Sendable, Codable, Equatable {
    /// Seconds per stage.
    public var waitSeconds: Double = 0
    /// Reading the image, as far as the worker could tell it from upscaling.
    public var decodeSeconds: Double = 0
    /// The network.
    public var upscaleSeconds: Double = 0
    /// Writing the image.
    public var encodeSeconds: Double = 0
    /// From the worker's end to the commit of the output's name.
    public var publishSeconds: Double = 0
    /// From claim to completion, seconds of wall clock.
    public var totalSeconds: Double = 0
    /// CPU time of the worker, all threads together.
    public var cpuSeconds: Double = 0
    /// The largest resident memory of the worker.
    public var peakMemoryBytes: Int64 = 0
    /// Tiles that went through the network.
    public var tiles: Int = 0
    /// Pixels, after the orientation was applied.
    public var inputWidth: Int = 0
    /// Pixels, after the orientation was applied.
    public var inputHeight: Int = 0
    /// Pixels.
    public var outputWidth: Int = 0
    /// Pixels.
    public var outputHeight: Int = 0
    /// Size of the output file.
    public var outputBytes: Int64 = 0
    /// What was done to the image beyond upscaling, one sentence each ("CMYK was converted to sRGB").
    public var notes: [String] = []

    /// Creates metrics that are all zero.
    public init() {}
}

/// One row of the queue.
public struct Job: Sendable, Equatable, Identifiable {
    /// Ascending, never used twice, also not after pruning.
    public let id: Int64
    /// Where it stands; the other columns are tied to it.
    public var state: JobState
    /// What was handed in.
    public var input: NewJob
    /// How many times a worker was given the job.
    public var attempt: Int
    /// Not before this time, in state `retryable`.
    public var runAfter: Date?
    /// The running claim's token.
    public var token: String?
    /// The published (or, in state `publishing`, intended) output.
    public var output: FilePath?
    /// The temporary name of the output in state `publishing`.
    public var temporaryOutput: FilePath?
    /// SHA-256 of the output's bytes.
    public var outputSHA256: String?
    /// The completed job of equal content, model and settings whose output this one reuses.
    public var reusedJobID: Int64?
    /// Why it failed, or failed last.
    public var reason: FailureReason?
    /// One full sentence for a person.
    public var message: String?
    /// Where the original was put (archive, failed folder) or, once the job ended, left on purpose; nil before that, and
    /// when it is gone.
    public var disposedSource: FilePath?
    /// Whether the original still has to be moved after the job ended.
    public var needsDisposal: Bool
    /// When intake handed it in.
    public var createdAt: Date
    /// When it joined the line: `createdAt`, or the last retry by a person.
    public var queuedAt: Date
    /// The last claim; nil while it waits for its first one, or again.
    public var startedAt: Date?
    /// When it became final.
    public var finishedAt: Date?
    /// What the worker of the last attempt measured.
    public var metrics: JobMetrics?

    /// The claim under which this row may be written, in states `running` and `publishing`.
    public var claim: Claim? { token.map { Claim(id: id, token: $0) } }
}
