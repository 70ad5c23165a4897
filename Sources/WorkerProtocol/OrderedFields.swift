import LinuxSupport

/// A JSON object whose fields are written in a fixed order, which `JSONEncoder` cannot keep.
///
/// Reading and writing share the coding keys, so that each field's name stands once.
protocol OrderedFields: Decodable {
    associatedtype CodingKeys: CodingKey

    /// All fields in their order.
    var fields: KeyValuePairs<CodingKeys, JSONValue> { get }
}

extension OrderedFields {
    /// The fields under their names.
    var json: [(String, JSONValue)] { fields.map { ($0.key.stringValue, $0.value) } }
}
