import DaemonControl
import Foundation
import JobQueue
import LinuxSupport
import SystemPackage

/// The values of one job for tables and JSON. All members are pure functions.
package struct JobFields {
    package var job: Job
    /// The daemon's progress report; nil if no worker processes the job.
    package var running: RunningJob?
    package let now: Date
    /// True if no daemon runs, so that no job makes progress.
    package var daemonIsAbsent = false
    /// The name of the job's model; nil if it is not known.
    package var modelName: String?

    /// Creates the values of a job.
    package init(
        job: Job, running: RunningJob? = nil, now: Date, daemonIsAbsent: Bool = false, modelName: String? = nil
    ) {
        self.job = job
        self.running = running
        self.now = now
        self.daemonIsAbsent = daemonIsAbsent
        self.modelName = modelName
    }

    /// The original's path relative to its inbox, or its absolute path if it was not dropped into an inbox.
    package var name: String { Self.name(job.input.source, inbox: job.input.inbox) }

    /// A path relative to its inbox; the whole path if it is not below the inbox.
    package static func name(_ source: FilePath, inbox: FilePath) -> String {
        var path = source
        return !inbox.isEmpty && path.removePrefix(inbox) && !path.isEmpty ? path.escaped : source.escaped
    }

    private var inputSize: (Int, Int)? {
        if let metrics = job.metrics, metrics.inputWidth > 0 { return (metrics.inputWidth, metrics.inputHeight) }
        if let running, let width = running.inputWidth, let height = running.inputHeight { return (width, height) }
        return nil
    }

    private var outputSize: (Int, Int)? {
        guard let metrics = job.metrics, metrics.outputWidth > 0 else { return nil }
        return (metrics.outputWidth, metrics.outputHeight)
    }

    /// The sizes of input and output, `640x480 -> 2560x1920`, as far as they are known.
    package var sizes: String {
        guard let input = inputSize else { return "" }
        return Quantity.size(input.0, input.1) + (outputSize.map { " -> " + Quantity.size($0.0, $0.1) } ?? "")
    }

    /// Seconds from the claim to the job's end, or to `now` if it has not ended.
    package var seconds: Double? {
        switch job.state {
        case .running, .publishing: job.startedAt.map { max(0, now.timeIntervalSince($0)) }
        default: job.metrics.flatMap { $0.totalSeconds > 0 ? $0.totalSeconds : nil }
        }
    }

    /// Input megapixels per second, from the claim to the job's end; nil if the job has not upscaled an image.
    package var megapixelsPerSecond: Double? {
        guard job.state == .completed, job.reusedJobID == nil, let metrics = job.metrics, metrics.totalSeconds > 0
        else {
            return nil
        }
        return Double(metrics.inputWidth) * Double(metrics.inputHeight) / 1e6 / metrics.totalSeconds
    }

    /// The time at which the job ended, else the time at which it started, else the time at which it was created.
    package var when: Date { job.finishedAt ?? job.startedAt ?? job.createdAt }

    /// The text of the NOTE column.
    package var note: String {
        switch job.state {
        case .available: return job.attempt > 0 ? "attempt \(job.attempt + 1) is next" : ""
        case .running:
            guard !daemonIsAbsent else { return "no daemon runs" }
            guard let running, running.tilesTotal > 0 else { return "" }
            let left = running.secondsLeft(now: now).map { ", \(Quantity.duration($0)) left" } ?? ""
            return "\(running.tilesDone)/\(running.tilesTotal) tiles\(left)"
        case .publishing: return daemonIsAbsent ? "no daemon runs" : ""
        case .retryable:
            let wait = job.runAfter.map { max(0, $0.timeIntervalSince(now)) } ?? 0
            return "\(job.reason?.rawValue ?? ""), again in \(Quantity.duration(wait))"
        case .completed: return job.reusedJobID.map { "same as job \($0)" } ?? ""
        case .failed: return job.reason?.rawValue ?? ""
        case .cancelled: return ""
        }
    }

    /// The job as `list --json` and `show --json` print it. docs/cli.md describes every field. No field is ever
    /// renamed, and every job has all fields.
    package var json: JSONValue {
        let metrics = job.metrics
        func time(_ date: Date?) -> JSONValue { JSONValue(date.map(Quantity.timestamp)) }
        var fields: [(String, JSONValue)] = [("id", JSONValue(job.id)), ("state", .string(job.state.rawValue))]
        fields += Self.path("input", job.input.source)
        fields += Self.path("output", job.output)
        fields += [
            ("attempt", JSONValue(job.attempt)), ("reason", JSONValue(job.reason?.rawValue)),
            ("message", JSONValue(job.message)), ("input_width", JSONValue(inputSize?.0)),
            ("input_height", JSONValue(inputSize?.1)), ("output_width", JSONValue(outputSize?.0)),
            ("output_height", JSONValue(outputSize?.1)), ("seconds", JSONValue(seconds)),
            ("megapixels_per_second", JSONValue(megapixelsPerSecond)),
            ("wait_seconds", JSONValue(metrics?.waitSeconds)), ("decode_seconds", JSONValue(metrics?.decodeSeconds)),
            ("upscale_seconds", JSONValue(metrics?.upscaleSeconds)),
            ("encode_seconds", JSONValue(metrics?.encodeSeconds)),
            ("publish_seconds", JSONValue(metrics?.publishSeconds)), ("cpu_seconds", JSONValue(metrics?.cpuSeconds)),
            ("peak_memory_bytes", JSONValue(metrics?.peakMemoryBytes)),
            ("tiles", JSONValue(metrics?.tiles ?? running.flatMap { $0.tilesTotal > 0 ? $0.tilesTotal : nil })),
            ("tiles_done", JSONValue(running?.tilesDone)),
            ("seconds_left", JSONValue(running?.secondsLeft(now: now))),
            ("input_bytes", JSONValue(job.input.contentSize)),
            ("output_bytes", JSONValue(metrics?.outputBytes)),
            ("input_sha256", job.input.contentSHA256.isEmpty ? .null : .string(job.input.contentSHA256)),
            ("output_sha256", JSONValue(job.outputSHA256)),
            ("model_sha256", job.input.modelSHA256.isEmpty ? .null : .string(job.input.modelSHA256)),
            ("settings", JSONValue(job.input.settings)), ("reused_job", JSONValue(job.reusedJobID)),
            ("notes", .array((metrics?.notes ?? []).map { .string($0) })), ("created_at", time(job.createdAt)),
            ("started_at", time(job.startedAt)), ("finished_at", time(job.finishedAt)),
            ("run_after", time(job.runAfter)),
        ]
        fields += Self.path("inbox", job.input.inbox.isEmpty ? nil : job.input.inbox)
        fields += Self.path("original", job.disposedSource)
        fields += [("model", JSONValue(modelName)), ("kernels", JSONValue(metrics?.kernels))]
        return .object(fields)
    }

    /// The two JSON fields of a path: `NAME` and `NAME_base64`.
    package static func path(_ name: String, _ path: FilePath?) -> [(String, JSONValue)] {
        [(name, JSONValue(path.map(text))), ("\(name)_base64", JSONValue(path.flatMap(base64)))]
    }

    /// The text of a path in JSON: unchanged if the path is UTF-8, else escaped. In the second case the field
    /// NAME_base64 has the path's bytes.
    package static func text(_ path: FilePath) -> String { String(validating: path) ?? path.escaped }

    private static func base64(_ path: FilePath) -> String? {
        String(validating: path) == nil ? Data(path.bytes).base64EncodedString() : nil
    }
}
