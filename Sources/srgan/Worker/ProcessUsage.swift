import Glibc

/// What this process has used so far.
enum ProcessUsage {
    /// Seconds of all its threads, in programs and in the kernel.
    static var cpuSeconds: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    /// Open from the first use on: a worker asks at its end, when it may open nothing.
    private static let statusFile = open("/proc/self/status", O_RDONLY | O_CLOEXEC)

    /// Opens what `peakMemoryBytes` reads.
    static func prepare() { _ = statusFile }

    /// The most memory that was resident.
    ///
    /// Out of /proc: `ru_maxrss` is inherited through exec and would show the daemon's memory where that is larger.
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
