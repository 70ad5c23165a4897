import CLinux
import Glibc

/// What one worker may use up. The kernel holds it to all but the first, which the daemon's clock does.
struct WorkerLimits: Sendable, Equatable {
    /// Seconds by the clock.
    var wallSeconds: Double
    /// Seconds of CPU time, all threads together.
    var cpuSeconds: Int
    /// Private writable memory, bytes.
    var memoryBytes: Int
    /// The longest file that it may write, bytes.
    var fileBytes: Int
    /// Processes and threads of the whole user.
    var processes: Int
    /// Open files.
    let descriptors = 64

    init(_ configuration: Configuration, cores: Int) {
        let (workers, threads) = configuration.workers.resolved(cores: cores)
        wallSeconds = configuration.workers.timeoutSeconds
        cpuSeconds = Int((wallSeconds * Double(threads + 1)).rounded(.up))
        memoryBytes = configuration.limits.workerMemory(threads: threads)
        // 16 bits of red, green, blue and alpha for each pixel of the largest output, and a bit for what does not compress.
        fileBytes = configuration.limits.maxPixels * 16 * 8 / 64 * 65 + (64 << 20)
        // The kernel counts all that the user has running, also what is none of ours: this is an end to forking without
        // end, not a measure of what workers need.
        processes = 4096 + workers * (threads + 16)
    }

    /// Holds a process that was just started to them.
    func apply(to process: pid_t) {
        clinux_limit(process, CLINUX_CORE_BYTES, 0)
        clinux_limit(process, CLINUX_CPU_SECONDS, UInt64(cpuSeconds))
        clinux_limit(process, CLINUX_MEMORY_BYTES, UInt64(memoryBytes))
        clinux_limit(process, CLINUX_FILE_BYTES, UInt64(fileBytes))
        clinux_limit(process, CLINUX_PROCESSES, UInt64(processes))
        clinux_limit(process, CLINUX_DESCRIPTORS, UInt64(descriptors))
    }

    // MARK: - In sentences

    var memoryText: String { "limits.worker_memory_mb allows \(memoryBytes / 1_000_000) MB" }

    var cpuText: String {
        "workers.timeout_seconds = \(Int(wallSeconds)) allows \(cpuSeconds) seconds of CPU time for all threads"
    }

    var fileText: String { "limits.max_megapixels allows \(fileBytes / 1_000_000) MB" }
}
