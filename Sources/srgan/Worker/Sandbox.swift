import CLinux
import Glibc
import Imaging
import WorkerProtocol

/// What this process gives up before it reads an image of unknown origin, as far as the kernel supports it.
///
/// An image that takes over a decoder then has the open descriptors, memory and CPU time up to the limits, and nothing
/// else. A layer that the kernel lacks is reported and the work goes on: the result is worth more than one of three walls.
enum Sandbox {
    /// Opens what the libraries open late, then gives everything up, for all threads and for good.
    ///
    /// To be called when the model is loaded and input and output are open.
    ///
    /// - Returns: What is in force from here on.
    static func enter() throws -> SandboxReport {
        try ImageReader.prepare()
        ProcessUsage.prepare()
        // Two, as in the service's unit: tiles are computed in memory that is taken once.
        clinux_malloc_arenas(2)
        // Little CMS puts the time into profiles.
        tzset()

        var report = SandboxReport()
        report.hasNoNewPrivileges = clinux_no_new_privileges() == 0
        if !report.hasNoNewPrivileges { report.lacks.append("no new privileges (\(systemText()))") }
        let version = clinux_landlock()
        report.landlock = Int(max(0, version))
        if version <= 0 { report.lacks.append("Landlock (\(version == 0 ? "the kernel has none" : systemText()))") }
        report.hasSeccomp = clinux_seccomp() == 0
        if !report.hasSeccomp { report.lacks.append("seccomp (\(systemText()))") }
        report.memoryBytes = limit(CLINUX_MEMORY_BYTES)
        report.cpuSeconds = limit(CLINUX_CPU_SECONDS)
        report.fileBytes = limit(CLINUX_FILE_BYTES)
        report.coreBytes = limit(CLINUX_CORE_BYTES)
        report.processes = limit(CLINUX_PROCESSES)
        report.descriptors = limit(CLINUX_DESCRIPTORS)
        return report
    }

    /// A limit of this process; nil for no limit.
    private static func limit(_ resource: clinux_resource) -> Int? { Int(exactly: clinux_own_limit(resource)) }

    private static func systemText() -> String { String(cString: strerror(errno)) }
}
