import CLinux
import Glibc
import Imaging
import ProgramBasics

/// The sandbox of this process: the rights that it gave up before it read an untrusted image.
///
/// An attacker who takes over a decoder can then only use the open descriptors, and memory and CPU time up to the limits.
/// A layer that the kernel does not support is reported and skipped: the other two remain, and refusing the image would be
/// worse.
struct WorkerSandbox {
    private var hasNoNewPrivileges = false
    /// The version of Landlock in force; 0 for none.
    private var landlock = 0
    private var hasSeccomp = false
    /// The layers that are not in force, and why.
    private var lacks: [String] = []

    /// Loads what the libraries would open later, then enters the sandbox, permanently and for all threads.
    ///
    /// Call it after the model is loaded and input and output are open.
    static func enter() throws -> WorkerSandbox {
        try ImageReader.prepare()
        ProcessUsage.prepare()
        // Two arenas, as in the service's unit, are enough: tiles are computed in memory that is allocated once.
        clinux_malloc_arenas(2)
        // Little CMS writes the local time into profiles, so the time zone must be loaded now.
        tzset()

        var sandbox = WorkerSandbox()
        sandbox.hasNoNewPrivileges = clinux_no_new_privileges() == 0
        if !sandbox.hasNoNewPrivileges { sandbox.lacks.append("no new privileges (\(systemText()))") }
        let version = clinux_landlock()
        sandbox.landlock = Int(max(0, version))
        if version <= 0 { sandbox.lacks.append("Landlock (\(version == 0 ? "the kernel has none" : systemText()))") }
        sandbox.hasSeccomp = clinux_seccomp() == 0
        if !sandbox.hasSeccomp { sandbox.lacks.append("seccomp (\(systemText()))") }
        return sandbox
    }

    /// The field `cage` of the start event. A limit that is not set is null.
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
