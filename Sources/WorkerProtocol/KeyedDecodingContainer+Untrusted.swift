// Values of a worker that a hostile image may have taken over. Nothing here throws: one bad field must not hide the others.
extension KeyedDecodingContainer {
    /// A text; empty when it is missing.
    func text(_ key: Key) -> String { optionalText(key) ?? "" }

    /// A text; nil when it is missing.
    func optionalText(_ key: Key) -> String? { try? decode(String.self, forKey: key) }

    /// The texts of a list; other elements are left out.
    func texts(_ key: Key) -> [String] {
        ((try? decode([PossibleText].self, forKey: key)) ?? []).compactMap(\.text)
    }

    /// A size or a count, 0 to 10^15; 0 for every other value.
    func count(_ key: Key) -> Int { Int(number(key, below: 1e15)) }

    /// A duration below 10^9 seconds; 0 for every other value.
    func seconds(_ key: Key) -> Double { number(key, below: 1e9) }

    /// An image's side in pixels; 0 for what libvips cannot hold, since the database sums up products of sides.
    func side(_ key: Key) -> Int {
        let side = count(key)
        return side <= 10_000_000 ? side : 0
    }

    private func number(_ key: Key, below limit: Double) -> Double {
        guard let value = try? decode(Double.self, forKey: key), value >= 0, value < limit else { return 0 }
        return value
    }
}

/// An element of a list of texts.
private struct PossibleText: Decodable {
    let text: String?

    init(from decoder: any Decoder) throws {
        text = try? decoder.singleValueContainer().decode(String.self)
    }
}
