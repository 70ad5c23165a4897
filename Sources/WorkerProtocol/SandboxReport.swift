import LinuxSupport

/// The restrictions that a worker is under when it reads the image: the field `cage` of its `start` event.
public struct SandboxReport: Equatable, Sendable {
    /// True if the process and the programs that it starts can gain no further privileges (`no_new_privs`).
    public var hasNoNewPrivileges = false
    /// The version of Landlock, the kernel's restriction of file access, that is in force; 0 if none is.
    public var landlock = 0
    /// True if seccomp filters the system calls.
    public var hasSeccomp = false
    /// The limit on private memory in bytes. In this and the following properties, nil means no limit.
    public var memoryBytes: Int?
    /// The limit on CPU time in seconds.
    public var cpuSeconds: Int?
    /// The limit on the length of a written file in bytes.
    public var fileBytes: Int?
    /// The limit on the length of a core file in bytes.
    public var coreBytes: Int?
    /// The limit on the number of processes of this user.
    public var processes: Int?
    /// The limit on the number of open descriptors.
    public var descriptors: Int?
    /// The restrictions that the kernel does not support or refused: one phrase each, with the reason.
    public var lacks: [String] = []

    /// Creates the report of a process without any protection.
    public init() {}
}

extension SandboxReport: OrderedFields {
    enum CodingKeys: String, CodingKey {
        case hasNoNewPrivileges = "no_new_privileges"
        case landlock
        case hasSeccomp = "seccomp"
        case memoryBytes = "memory_bytes"
        case cpuSeconds = "cpu_seconds"
        case fileBytes = "file_bytes"
        case coreBytes = "core_bytes"
        case processes, descriptors, lacks
    }

    /// Reads the report; throws only if the value is not a JSON object.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func flag(_ key: CodingKeys) -> Bool { (try? values.decode(Bool.self, forKey: key)) ?? false }
        func number(_ key: CodingKeys) -> Int? { try? values.decode(Int.self, forKey: key) }
        hasNoNewPrivileges = flag(.hasNoNewPrivileges)
        landlock = number(.landlock) ?? 0
        hasSeccomp = flag(.hasSeccomp)
        memoryBytes = number(.memoryBytes)
        cpuSeconds = number(.cpuSeconds)
        fileBytes = number(.fileBytes)
        coreBytes = number(.coreBytes)
        processes = number(.processes)
        descriptors = number(.descriptors)
        lacks = values.texts(.lacks)
    }

    var fields: KeyValuePairs<CodingKeys, JSONValue> {
        [
            .hasNoNewPrivileges: .bool(hasNoNewPrivileges), .landlock: .integer(landlock),
            .hasSeccomp: .bool(hasSeccomp), .memoryBytes: JSONValue(memoryBytes), .cpuSeconds: JSONValue(cpuSeconds),
            .fileBytes: JSONValue(fileBytes), .coreBytes: JSONValue(coreBytes), .processes: JSONValue(processes),
            .descriptors: JSONValue(descriptors), .lacks: .array(lacks.map(JSONValue.string)),
        ]
    }
}
