import Glibc

/// The CPU time and memory that this process has used so far.
enum ProcessUsage {
    /// CPU seconds of all threads, in user and kernel mode.
    static var cpuSeconds: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    /// The descriptor of the status file. It stays open from its first use on, because a worker reads it at the end of
    /// its work, when its sandbox forbids opening files.
    private static let statusFile = open("/proc/self/status", O_RDONLY | O_CLOEXEC)

    /// Opens the file that `peakMemoryBytes` reads.
    static func prepare() { _ = statusFile }

    /// The peak resident memory in bytes.
    ///
    /// The value is read from /proc/self/status. `ru_maxrss` would be wrong in a worker: a process inherits it through
    /// exec, so it shows the daemon's peak if that is larger. `ru_maxrss` is used only if /proc cannot be read.
    static var peakMemoryBytes: Int {
        if statusFile >= 0 {
            var buffer = [UInt8](repeating: 0, count: 8192)
            let count = pread(statusFile, &buffer, buffer.count, 0)
            for line in String(decoding: buffer.prefix(max(0, count)), as: UTF8.self).split(separator: "\n")
            where line.hasPrefix("VmHWM:") {
                if let kilobytes = Int(line.filter(\.isNumber)) { return kilobytes << 10 }
            }
        }
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss << 10
    }
}
