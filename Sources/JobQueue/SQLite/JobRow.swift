import Foundation
import GRDB
import SystemPackage
import WorkerProtocol

/// Times as the database stores them: whole milliseconds since 1970, limited to 10^12 seconds before and after 1970.
enum Milliseconds {
    static func from(_ date: Date) -> Int64 {
        let seconds = date.timeIntervalSince1970
        return seconds.isNaN ? 0 : Int64((min(max(seconds, -1e12), 1e12) * 1000).rounded())
    }
    static func date(_ value: Int64) -> Date { Date(timeIntervalSince1970: Double(value) / 1000) }
}

/// Durations as the database stores them: whole microseconds. Negative durations, caused by a clock that was set back,
/// become 0.
enum Microseconds {
    static func from(_ seconds: Double) -> Int64 {
        seconds.isFinite ? Int64((min(max(seconds, 0), 1e12) * 1e6).rounded()) : 0
    }
    static func seconds(_ value: Int64) -> Double { Double(value) / 1e6 }
}

extension Job {
    /// The columns of a query over `job LEFT JOIN job_metrics`, in the order in which `init(row:)` reads them.
    static let columns = """
        job.id, state, source, inbox, spool, content_sha256, content_size, source_stamp, model_sha256, settings, \
        output_folder, output_name, attempt, run_after, token, output, temporary_output, output_sha256, reused_job_id, \
        reason, message, disposed_source, needs_disposal, created_at, queued_at, started_at, finished_at, \
        wait_us, decode_us, upscale_us, encode_us, publish_us, total_us, cpu_us, peak_memory_bytes, tiles, \
        input_width, input_height, output_width, output_height, output_bytes, notes, kernels
        """

    /// Reads a row of `columns`; throws `JobStoreError` with code `damaged` if the row contains an unknown state, an
    /// unknown reason or an invalid output name.
    init(row: Row) throws {
        func path(_ index: Int) -> FilePath { FilePath(blob: row[index]) }
        func optionalPath(_ index: Int) -> FilePath? { (row[index] as Data?).map(FilePath.init(blob:)) }
        func date(_ index: Int) -> Date? { (row[index] as Int64?).map(Milliseconds.date) }

        let id: Int64 = row[0]
        guard let state = JobState(rawValue: row[1]), let outputName = path(11).lastComponent else {
            throw JobStoreError(.damaged, "Job \(id) has an unknown state or an invalid output name.")
        }
        let reasonText: String? = row[19]
        let reason = reasonText.flatMap(FailureReason.init(rawValue:))
        guard reasonText == nil || reason != nil else {
            throw JobStoreError(.damaged, "Job \(id) has an unknown reason.")
        }
        self.init(
            id: id, state: state,
            input: NewJob(
                source: path(2), inbox: path(3), spool: path(4), contentSHA256: row[5], contentSize: row[6],
                sourceStamp: row[7], modelSHA256: row[8], settings: row[9], outputFolder: path(10),
                outputName: outputName),
            attempt: row[12], runAfter: date(13), token: row[14], output: optionalPath(15),
            temporaryOutput: optionalPath(16), outputSHA256: row[17], reusedJobID: row[18], reason: reason,
            message: row[20], disposedSource: optionalPath(21), needsDisposal: row[22],
            createdAt: Milliseconds.date(row[23]), queuedAt: Milliseconds.date(row[24]), startedAt: date(25),
            finishedAt: date(26), metrics: JobMetrics(row: row, from: 27))
    }
}

extension JobEvent {
    /// Reads a row of `JobQueries.events`; throws `JobStoreError` with code `damaged` if its kind or reason is unknown.
    init(row: Row) throws {
        let reasonText: String? = row[8]
        let reason = reasonText.flatMap(FailureReason.init(rawValue:))
        guard let kind = Kind(rawValue: row[2]), reasonText == nil || reason != nil else {
            throw JobStoreError(.damaged, "Event \(row[0] as Int64) has an unknown kind or reason.")
        }
        self.init(
            id: row[0], time: Milliseconds.date(row[1]), kind: kind, jobID: row[3], attempt: row[4],
            source: FilePath(blob: row[5]), inbox: FilePath(blob: row[6]),
            output: (row[7] as Data?).map(FilePath.init(blob:)), reason: reason, message: row[9])
    }
}

extension JobMetrics {
    /// Reads the columns from `index` on; nil if the job has no metrics.
    fileprivate init?(row: Row, from index: Int) {
        guard row[index] != nil else { return nil }
        func seconds(_ offset: Int) -> Double { Microseconds.seconds(row[index + offset]) }
        self.init()
        waitSeconds = seconds(0)
        decodeSeconds = seconds(1)
        upscaleSeconds = seconds(2)
        encodeSeconds = seconds(3)
        publishSeconds = seconds(4)
        totalSeconds = seconds(5)
        cpuSeconds = seconds(6)
        peakMemoryBytes = row[index + 7]
        tiles = row[index + 8]
        inputWidth = row[index + 9]
        inputHeight = row[index + 10]
        outputWidth = row[index + 11]
        outputHeight = row[index + 12]
        outputBytes = row[index + 13]
        let text: String = row[index + 14]
        // Most jobs have no notes, and a decoder takes as long as the rest of the row.
        notes = text == "[]" ? [] : (try? JSONDecoder().decode([String].self, from: Data(text.utf8))) ?? []
        kernels = row[index + 15]
    }

    /// Stores the metrics of a job and replaces earlier ones.
    func save(job id: Int64, _ db: Database) throws {
        let notesText = String(decoding: try JSONEncoder().encode(notes), as: UTF8.self)
        let durations = [
            waitSeconds, decodeSeconds, upscaleSeconds, encodeSeconds, publishSeconds, totalSeconds, cpuSeconds,
        ]
        let numbers = [
            peakMemoryBytes, Int64(tiles), Int64(inputWidth), Int64(inputHeight), Int64(outputWidth),
            Int64(outputHeight), outputBytes,
        ]
        let values: [(any DatabaseValueConvertible)?] =
            [id] + durations.map(Microseconds.from) + numbers + [notesText, kernels]
        let places = Array(repeating: "?", count: values.count).joined(separator: ",")
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO job_metrics VALUES (\(places))")
            .execute(arguments: StatementArguments(values))
    }
}
