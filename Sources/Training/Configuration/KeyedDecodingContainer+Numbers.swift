extension KeyedDecodingContainer {
    /// What a key says, or a default.
    func value<Value: Decodable>(_ key: Key, _ standard: Value) throws -> Value {
        try decodeIfPresent(Value.self, forKey: key) ?? standard
    }

    /// The same for a number that may be written without a decimal point.
    func number(_ key: Key, _ standard: Double) throws -> Double {
        guard contains(key) else { return standard }
        if let whole = try? decode(Int.self, forKey: key) { return Double(whole) }
        return try decode(Double.self, forKey: key)
    }
}

extension KeyedDecodingContainer {
    /// A range of numbers, written as its two ends.
    func range(_ key: Key, _ standard: ClosedRange<Double>) throws -> ClosedRange<Double> {
        guard let ends = try decodeIfPresent([TOMLNumber].self, forKey: key) else { return standard }
        guard ends.count == 2, ends[0].value <= ends[1].value else {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: self, debugDescription: "a range is two numbers, the smaller one first")
        }
        return ends[0].value...ends[1].value
    }
}

/// A number that may be written without a decimal point, also beside others that have one.
private struct TOMLNumber: Decodable {
    let value: Double

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let whole = try? container.decode(Int.self) {
            value = Double(whole)
        } else {
            value = try container.decode(Double.self)
        }
    }
}
