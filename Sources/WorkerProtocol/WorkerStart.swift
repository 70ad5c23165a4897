import LinuxSupport

/// A worker's `start` event: its version, model, threads, kernels and sandbox.
public struct WorkerStart: Equatable, Sendable {
    /// The worker program's version.
    public var version: String
    /// The model's name or path, as in the worker's arguments.
    public var model: String
    /// SHA-256 of the model file, in hexadecimal digits.
    public var modelSHA256: String
    /// The number of tiles that are computed at the same time.
    public var threads: Int
    /// The name of the kernels that the worker uses, such as `avx2` or `portable`.
    public var kernels: String
    /// The sandbox that is in force from this event on; nil if the worker runs without a sandbox.
    public var sandbox: SandboxReport?

    /// Creates the event.
    public init(
        version: String, model: String, modelSHA256: String, threads: Int, kernels: String, sandbox: SandboxReport?
    ) {
        self.version = version
        self.model = model
        self.modelSHA256 = modelSHA256
        self.threads = threads
        self.kernels = kernels
        self.sandbox = sandbox
    }
}

extension WorkerStart: OrderedFields {
    enum CodingKeys: String, CodingKey {
        case version, model
        case modelSHA256 = "model_sha256"
        case threads, kernels
        case sandbox = "cage"
    }

    /// Reads the event; never throws for a missing or wrong field.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            version: values.text(.version), model: values.text(.model), modelSHA256: values.text(.modelSHA256),
            threads: values.count(.threads), kernels: values.text(.kernels),
            sandbox: try? values.decode(SandboxReport.self, forKey: .sandbox))
    }

    var fields: KeyValuePairs<CodingKeys, JSONValue> {
        [
            .version: .string(version), .model: .string(model), .modelSHA256: .string(modelSHA256),
            .threads: .integer(threads), .kernels: .string(kernels),
            .sandbox: sandbox.map { .object($0.json) } ?? .null,
        ]
    }
}
