extension KeyedDecodingContainer {
    /// Decodes a key's value, or returns a default if the key is missing.
    func value<Value: Decodable>(_ key: Key, _ standard: Value) throws -> Value {
        try decodeIfPresent(Value.self, forKey: key) ?? standard
    }

    /// Decodes a number that may be written without a decimal point, or returns a default.
    func number(_ key: Key, _ standard: Double) throws -> Double {
        guard contains(key) else { return standard }
        if let whole = try? decode(Int.self, forKey: key) { return Double(whole) }
        return try decode(Double.self, forKey: key)
    }
}

extension KeyedDecodingContainer {
    /// Decodes a range of numbers, written as an array of its two ends, or returns a default.
    func range(_ key: Key, _ standard: ClosedRange<Double>) throws -> ClosedRange<Double> {
        guard let ends = try decodeIfPresent([TOMLNumber].self, forKey: key) else { return standard }
        guard ends.count == 2, ends[0].value <= ends[1].value else {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: self, debugDescription: "a range must be two numbers, the smaller one first")
        }
        return ends[0].value...ends[1].value
    }
}

/// A number with or without a decimal point; an array may mix both.
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
