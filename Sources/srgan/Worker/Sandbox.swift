import CLinux
import Glibc
import Imaging
import WorkerProtocol

/// The sandbox of this process: the rights that the process gives up before it reads an untrusted image.
///
/// An attacker who takes over a decoder can then use only the open descriptors, and only a limited amount of memory and
/// CPU time. The sandbox has three layers: "no new privileges", Landlock and seccomp. If the kernel does not support a
/// layer, that layer is reported and skipped, because the other two still protect, and refusing every image would be
/// worse.
enum Sandbox {
    /// Loads all files that the libraries would otherwise open later, then enters the sandbox, permanently and for all
    /// threads.
    ///
    /// Call it after the model has been loaded and the input and output have been opened.
    ///
    /// - Returns: the layers and limits that are in force.
    static func enter() throws -> SandboxReport {
        try ImageReader.prepare()
        ProcessUsage.prepare()
        // Limits malloc to two arenas, as the service's systemd unit does. Two are enough, because tiles are computed
        // in memory that is allocated only once.
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
