/// Why a job failed: a closed list, so that people and scripts can rely on the words.
///
/// The raw values are what the database, `srgan-jobs list --json`, the metrics and the worker's `error` event carry.
public enum FailureReason: String, Sendable, Codable, CaseIterable {
    // What is wrong with the file: final at once.
    case empty
    case notAnImage = "not_an_image"
    case unsupportedFormat = "unsupported_format"
    case truncated
    case corrupt
    case tooLarge = "too_large"
    case outputTooLarge = "output_too_large"
    case notARegularFile = "not_a_regular_file"
    case unreadable
    case vanished

    // What is wrong with the installation: final at once, `srgan-jobs retry` after it was mended.
    case modelUnusable = "model_unusable"
    case configuration

    // What may pass: retried with backoff, at most `max_attempts` times.
    case inputOutputError = "io_error"
    case diskFull = "disk_full"
    case outOfMemory = "out_of_memory"
    case workerCrashed = "worker_crashed"
    case workerTimedOut = "worker_timed_out"
    case numericalError = "numerical_error"

    /// Whether another attempt may end differently.
    public var isTransient: Bool {
        switch self {
        case .inputOutputError, .diskFull, .outOfMemory, .workerCrashed, .workerTimedOut, .numericalError: true
        default: false
        }
    }
}
