import SystemPackage

/// A reply of the daemon to a request: one line of JSON, for example `{"version":1,"reply":"done"}`.
public enum ControlReply: Sendable, Equatable {
    /// The daemon's status and its running jobs.
    case status(DaemonStatus)
    /// The daemon's health.
    case health(DaemonHealth)
    /// The outcome for each file of an `add`, in the order of the request.
    case files([FileOutcome])
    /// The outcome for each job of a `retry` or `cancel`, in the order of the request.
    case jobs([JobOutcome])
    /// The number of deleted jobs.
    case pruned(Int)
    /// The request was carried out; there is nothing to return.
    case done
    /// The request was not carried out.
    case failure(ControlError)
}

/// The outcome for one file of an `add` request.
public struct FileOutcome: Sendable, Equatable, Codable {
    /// The kind of outcome.
    public enum Kind: String, Sendable, Codable {
        /// A new job was created.
        case created
        /// A job for the same path and content is queued or running already.
        case alreadyQueued = "already_queued"
        /// The file was not taken; the message says why.
        case refused
    }

    /// The kind of outcome.
    public var kind: Kind
    /// The id of the new or existing job; for a refused file the id of its failed job, if one was stored.
    public var id: Int64?
    /// One full sentence, for a refused file.
    public var message: String?

    /// Creates an outcome.
    public init(kind: Kind, id: Int64? = nil, message: String? = nil) {
        self.kind = kind
        self.id = id
        self.message = message
    }
}

/// The outcome for one job of a `retry` or `cancel` request.
public struct JobOutcome: Sendable, Equatable, Codable {
    /// The id of the job, as in the request.
    public var id: Int64
    /// True if the job was changed.
    public var changed: Bool
    /// One full sentence that says why the job was not changed, or what is special about the change.
    public var message: String?

    /// Creates an outcome.
    public init(id: Int64, changed: Bool, message: String? = nil) {
        self.id = id
        self.changed = changed
        self.message = message
    }
}

extension ControlReply: Codable {
    private enum Name: String, Codable {
        case status, health, files, jobs, pruned, done, failure
    }

    private enum CodingKeys: String, CodingKey {
        case version, reply, status, health, files, jobs, count, code, message
    }

    /// Decodes a reply; throws `ControlError` for another version of the protocol.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try ControlLine.checkVersion(container.decode(Int.self, forKey: .version))
        switch try container.decode(Name.self, forKey: .reply) {
        case .status: self = .status(try container.decode(DaemonStatus.self, forKey: .status))
        case .health: self = .health(try container.decode(DaemonHealth.self, forKey: .health))
        case .files: self = .files(try container.decode([FileOutcome].self, forKey: .files))
        case .jobs: self = .jobs(try container.decode([JobOutcome].self, forKey: .jobs))
        case .pruned: self = .pruned(try container.decode(Int.self, forKey: .count))
        case .done: self = .done
        case .failure:
            self = .failure(
                ControlError(
                    try container.decode(ControlError.Code.self, forKey: .code),
                    try container.decode(String.self, forKey: .message)))
        }
    }

    /// Encodes the reply with the protocol version.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(ControlLine.version, forKey: .version)
        switch self {
        case .status(let status):
            try container.encode(Name.status, forKey: .reply)
            try container.encode(status, forKey: .status)
        case .health(let health):
            try container.encode(Name.health, forKey: .reply)
            try container.encode(health, forKey: .health)
        case .files(let files):
            try container.encode(Name.files, forKey: .reply)
            try container.encode(files, forKey: .files)
        case .jobs(let jobs):
            try container.encode(Name.jobs, forKey: .reply)
            try container.encode(jobs, forKey: .jobs)
        case .pruned(let count):
            try container.encode(Name.pruned, forKey: .reply)
            try container.encode(count, forKey: .count)
        case .done: try container.encode(Name.done, forKey: .reply)
        case .failure(let error):
            try container.encode(Name.failure, forKey: .reply)
            try container.encode(error.code, forKey: .code)
            try container.encode(error.message, forKey: .message)
        }
    }
}
