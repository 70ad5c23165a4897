import LinuxSupport

/// What a worker gave up before it reads the image: the field `cage` of its `start` event.
public struct SandboxReport: Equatable, Sendable {
    /// True when started programs gain no rights.
    public var hasNoNewPrivileges = false
    /// The version of Landlock in force; 0 for none.
    public var landlock = 0
    /// True when system calls are filtered.
    public var hasSeccomp = false
    /// The limit on private memory; nil for no limit, here and below.
    public var memoryBytes: Int?
    /// The limit on CPU time.
    public var cpuSeconds: Int?
    /// The limit on the length of a file.
    public var fileBytes: Int?
    /// The limit on the length of a core file.
    public var coreBytes: Int?
    /// The limit on the processes of the user.
    public var processes: Int?
    /// The limit on open descriptors.
    public var descriptors: Int?
    /// What the kernel lacks or refuses, and why, one phrase each.
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

    /// Reads the report; throws only for a value that is no object.
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
