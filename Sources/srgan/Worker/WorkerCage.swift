import CLinux
import Glibc
import Imaging
import LinuxSupport

/// What this process gave up before it looked at a stranger's image, as far as the kernel knows how to take it.
///
/// Whoever takes over a decoder then has the descriptors that are open, memory and CPU time up to the limits, and nothing
/// else. What the kernel lacks is reported and the work goes on: an image that somebody waits for is worth more than a
/// wall behind two others.
struct WorkerCage {
    private var hasNoNewPrivileges = false
    /// The version of Landlock in force; 0 for none.
    private var landlock = 0
    private var hasSeccomp = false
    /// What is not in force, and why.
    private var lacks: [String] = []

    /// Opens what the libraries open late, then gives everything up, for all threads and for good.
    ///
    /// To be called when the model is loaded and input and output are open.
    static func enter() throws -> WorkerCage {
        try ImageReader.prepare()
        ProcessUsage.prepare()
        // Two, as in the service's unit: tiles are computed in memory that is taken once.
        clinux_malloc_arenas(2)
        // Little CMS puts the time into profiles.
        tzset()

        var cage = WorkerCage()
        cage.hasNoNewPrivileges = clinux_no_new_privileges() == 0
        if !cage.hasNoNewPrivileges { cage.lacks.append("no new privileges (\(systemText()))") }
        let version = clinux_landlock()
        cage.landlock = Int(max(0, version))
        if version <= 0 { cage.lacks.append("Landlock (\(version == 0 ? "the kernel has none" : systemText()))") }
        cage.hasSeccomp = clinux_seccomp() == 0
        if !cage.hasSeccomp { cage.lacks.append("seccomp (\(systemText()))") }
        return cage
    }

    /// The field `cage` of the start event; null for a limit that there is none of.
    var json: JSONValue {
        func limit(_ resource: clinux_resource) -> JSONValue { JSONValue(Int(exactly: clinux_own_limit(resource))) }
        return .object([
            ("no_new_privileges", .bool(hasNoNewPrivileges)), ("landlock", .integer(landlock)),
            ("seccomp", .bool(hasSeccomp)), ("memory_bytes", limit(CLINUX_MEMORY_BYTES)),
            ("cpu_seconds", limit(CLINUX_CPU_SECONDS)), ("file_bytes", limit(CLINUX_FILE_BYTES)),
            ("core_bytes", limit(CLINUX_CORE_BYTES)), ("processes", limit(CLINUX_PROCESSES)),
            ("descriptors", limit(CLINUX_DESCRIPTORS)), ("lacks", .array(lacks.map(JSONValue.string))),
        ])
    }

    private static func systemText() -> String { String(cString: strerror(errno)) }
}
