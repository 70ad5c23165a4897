import LinuxSupport

/// A worker's `error` event: why it failed.
public struct WorkerFailure: Equatable, Sendable {
    /// The word for the reason in the event. A worker of another version may use a word that `FailureReason` lacks.
    public var reasonText: String
    /// One full sentence, for people.
    public var message: String

    /// Creates the event.
    public init(_ reason: FailureReason, message: String) {
        reasonText = reason.rawValue
        self.message = message
    }

    /// The reason; nil if `FailureReason` lacks the word.
    public var reason: FailureReason? { FailureReason(rawValue: reasonText) }
}

extension WorkerFailure: OrderedFields {
    enum CodingKeys: String, CodingKey {
        case reasonText = "reason"
        case message
    }

    /// Reads the event; never throws for a missing or wrong field.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        reasonText = values.text(.reasonText)
        message = values.text(.message)
    }

    var fields: KeyValuePairs<CodingKeys, JSONValue> {
        [.reasonText: .string(reasonText), .message: .string(message)]
    }
}
