import LinuxSupport

/// A JSON object whose fields are written in a fixed order. (`JSONEncoder` has no fixed order.)
///
/// Reading and writing use the same coding keys, so that the name of each field is in the source only once.
protocol OrderedFields: Decodable {
    associatedtype CodingKeys: CodingKey

    /// All fields, in the order in which they are written.
    var fields: KeyValuePairs<CodingKeys, JSONValue> { get }
}

extension OrderedFields {
    /// The names and values of all fields, in the order in which they are written.
    var json: [(String, JSONValue)] { fields.map { ($0.key.stringValue, $0.value) } }
}
