/// Why a job failed. The list of reasons is fixed, so people and scripts can rely on the words.
///
/// The raw values appear in the database, `srgan-jobs list --json`, the metrics and the worker's `error` event.
public enum FailureReason: String, Sendable, Codable, CaseIterable {
    // Problems of the file. Such a job is not retried automatically.
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

    // Problems of the installation. Such a job is not retried automatically; after a repair, `srgan-jobs retry` queues
    // it again.
    case modelUnusable = "model_unusable"
    case configuration

    // Transient problems. Such a job is retried automatically after a growing delay, up to `max_attempts` attempts in
    // all.
    case inputOutputError = "io_error"
    case diskFull = "disk_full"
    case outOfMemory = "out_of_memory"
    case workerCrashed = "worker_crashed"
    case workerTimedOut = "worker_timed_out"
    case numericalError = "numerical_error"

    /// Whether another attempt may succeed without any change to the file or the installation.
    public var isTransient: Bool {
        switch self {
        case .inputOutputError, .diskFull, .outOfMemory, .workerCrashed, .workerTimedOut, .numericalError: true
        default: false
        }
    }
}
