import CLinux
import Glibc
import ServiceConfiguration

/// The resources that one worker may use. The kernel enforces all but `wallSeconds`, which the daemon enforces.
struct WorkerLimits: Sendable, Equatable {
    /// Seconds of wall-clock time.
    var wallSeconds: Double
    /// Seconds of CPU time, summed over all threads.
    var cpuSeconds: Int
    /// Private writable memory, bytes.
    var memoryBytes: Int
    /// Size of the largest file that the worker may write, bytes.
    var fileBytes: Int
    /// Processes and threads of the user, those of other programs included.
    var processes: Int
    /// Open file descriptors.
    let descriptors = 64

    init(_ configuration: Configuration, cores: Int) {
        let (workers, threads) = configuration.workers.resolved(cores: cores)
        wallSeconds = configuration.workers.timeoutSeconds
        cpuSeconds = Int((wallSeconds * Double(threads + 1)).rounded(.up))
        memoryBytes = configuration.limits.workerMemory(threads: threads)
        // The largest output of a model with the scale 16 has 256 times the pixels of the largest input, and 8 bytes (16
        // bits of red, green, blue and alpha) for each pixel. Data that does not compress needs a little more, so 1/64 of
        // this size and 64 MiB are added. The service does not know the scale of the model.
        let scale = 16
        fileBytes = configuration.limits.maxPixels * scale * scale * 8 / 64 * 65 + (64 << 20)
        // The kernel counts all processes of the user, including those of other programs. So the limit is generous: it
        // only stops endless forking.
        processes = 4096 + workers * (threads + 16)
    }

    /// Sets the limits of a process that was just started.
    func apply(to process: pid_t) {
        clinux_limit(process, CLINUX_CORE_BYTES, 0)
        clinux_limit(process, CLINUX_CPU_SECONDS, UInt64(cpuSeconds))
        clinux_limit(process, CLINUX_MEMORY_BYTES, UInt64(memoryBytes))
        clinux_limit(process, CLINUX_FILE_BYTES, UInt64(fileBytes))
        clinux_limit(process, CLINUX_PROCESSES, UInt64(processes))
        clinux_limit(process, CLINUX_DESCRIPTORS, UInt64(descriptors))
    }

    // MARK: - For messages

    var memoryText: String { "limits.worker_memory_mb allows \(memoryBytes / 1_000_000) MB" }

    var cpuText: String {
        "workers.timeout_seconds = \(Int(wallSeconds)) allows \(cpuSeconds) seconds of CPU time for all threads"
    }

    var fileText: String { "limits.max_megapixels allows \(fileBytes / 1_000_000) MB" }
}
