import JobQueue

/// A complete output that is not published yet.
struct ProducedOutput {
    let file: PendingOutput
    /// The format that was written (`jpeg`, `png`, `webp`, `tiff`); nil to keep the extension of the job's output name.
    let format: String?
    var metrics: JobMetrics
    /// The completed job whose output was copied; nil if a worker made this output.
    var reusedJobID: Int64?
}
