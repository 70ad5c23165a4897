import JobQueue

/// A complete output that is not published yet.
struct ProducedOutput {
    let file: PendingOutput
    /// The format that was written (`jpeg`, `png`, `webp`, `tiff`); nil to publish under the extension asked for.
    let format: String?
    var metrics: JobMetrics
    /// The completed job whose output this is a copy of.
    var reusedJobID: Int64?
}
