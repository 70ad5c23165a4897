import Glibc

/// CPU time and memory that this process has used so far.
enum ProcessUsage {
    /// CPU seconds of all threads, in user and kernel mode.
    static var cpuSeconds: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    /// Stays open from the first use on, because a worker reads it at its end, when it can no longer open files.
    private static let statusFile = open("/proc/self/status", O_RDONLY | O_CLOEXEC)

    /// Opens the file that `peakMemoryBytes` reads.
    static func prepare() { _ = statusFile }

    /// The peak of the resident memory.
    ///
    /// It is read from /proc, because `ru_maxrss` is inherited through exec and would show the daemon's memory if that is
    /// larger.
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
