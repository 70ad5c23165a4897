// Reads the values of a worker's event without trusting them, because a hostile image may have taken over the worker.
// No function throws, so that one bad field does not prevent reading the others.
extension KeyedDecodingContainer {
    /// The text of a field; empty if the field is missing or not a text.
    func text(_ key: Key) -> String { optionalText(key) ?? "" }

    /// The text of a field; nil if the field is missing or not a text.
    func optionalText(_ key: Key) -> String? { try? decode(String.self, forKey: key) }

    /// The texts in a list; elements that are not texts are left out.
    func texts(_ key: Key) -> [String] {
        ((try? decode([PossibleText].self, forKey: key)) ?? []).compactMap(\.text)
    }

    /// A size or a count, at least 0 and below 10^15; any other value becomes 0.
    func count(_ key: Key) -> Int { Int(number(key, below: 1e15)) }

    /// A duration in seconds, at least 0 and below 10^9; any other value becomes 0.
    func seconds(_ key: Key) -> Double { number(key, below: 1e9) }

    /// An image's width or height in pixels. A value above libvips' limit becomes 0, because the database sums up width
    /// times height, and the sum must not overflow.
    func side(_ key: Key) -> Int {
        let side = count(key)
        return side <= 10_000_000 ? side : 0
    }

    private func number(_ key: Key, below limit: Double) -> Double {
        guard let value = try? decode(Double.self, forKey: key), value >= 0, value < limit else { return 0 }
        return value
    }
}

/// An element of a list that should contain only texts; nil if the element is not a text.
private struct PossibleText: Decodable {
    let text: String?

    init(from decoder: any Decoder) throws {
        text = try? decoder.singleValueContainer().decode(String.self)
    }
}
