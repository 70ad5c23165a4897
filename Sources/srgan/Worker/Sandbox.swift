import CLinux
import Glibc
import Imaging
import WorkerProtocol

/// The sandbox of this process: the rights that it gives up before it reads an untrusted image.
///
/// An attacker who takes over a decoder can then only use the open descriptors, and memory and CPU time up to the limits.
/// A layer that the kernel does not support is reported and skipped: the other two remain, and refusing the image would be
/// worse.
enum Sandbox {
    /// Loads what the libraries would open later, then enters the sandbox, permanently and for all threads.
    ///
    /// Call it after the model is loaded and input and output are open.
    ///
    /// - Returns: The layers and limits that are in force.
    static func enter() throws -> SandboxReport {
        try ImageReader.prepare()
        ProcessUsage.prepare()
        // Two arenas, as in the service's unit, are enough: tiles are computed in memory that is allocated once.
        clinux_malloc_arenas(2)
        // Little CMS writes the local time into profiles, so the time zone must be loaded now.
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
