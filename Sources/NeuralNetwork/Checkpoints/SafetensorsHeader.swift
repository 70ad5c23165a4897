/// The JSON header of a safetensors file.
struct SafetensorsHeader: Codable {
    /// One tensor: its type, its shape, and its byte range after the header.
    struct Entry: Codable {
        var type: String
        var shape: [Int]
        var offsets: [Int]

        var start: Int { offsets[0] }
        var end: Int { offsets[1] }

        enum CodingKeys: String, CodingKey {
            case type = "dtype"
            case shape
            case offsets = "data_offsets"
        }
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private static let metadataKey = "__metadata__"

    var metadata: [String: String] = [:]
    var entries: [String: Entry] = [:]

    init(metadata: [String: String], entries: [String: Entry]) {
        self.metadata = metadata
        self.entries = entries
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        for key in container.allKeys {
            if key.stringValue == Self.metadataKey {
                metadata = try container.decode([String: String].self, forKey: key)
            } else {
                entries[key.stringValue] = try container.decode(Entry.self, forKey: key)
            }
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        if !metadata.isEmpty {
            try container.encode(metadata, forKey: Name(stringValue: Self.metadataKey))
        }
        for (key, entry) in entries {
            try container.encode(entry, forKey: Name(stringValue: key))
        }
    }

    private static let bytesPerNumber = [
        "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U64": 8, "U32": 4, "U16": 2,
        "U8": 1, "BOOL": 1,
    ]

    /// Checks that the byte ranges fit the shapes and cover the data once, without gaps.
    func checkLayout(dataCount: Int, name: String) throws(NeuralNetworkError) {
        func malformed(_ key: String, _ what: String) -> NeuralNetworkError {
            NeuralNetworkError(.malformed, "\(name): the entry \"\(key)\" \(what).")
        }
        var position = 0
        let sorted = entries.sorted { ($0.value.offsets.first ?? 0, $0.key) < ($1.value.offsets.first ?? 0, $1.key) }
        for (key, entry) in sorted {
            guard let size = Self.bytesPerNumber[entry.type] else {
                throw NeuralNetworkError(
                    .unsupportedType, "\(name): the entry \"\(key)\" has the unknown type \(entry.type).")
            }
            guard entry.offsets.count == 2, entry.start >= 0, entry.start <= entry.end else {
                throw malformed(key, "has an invalid byte range")
            }
            var bytes = size
            for extent in entry.shape {
                let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
                guard extent >= 0, !overflow else { throw malformed(key, "has an invalid shape") }
                bytes = product
            }
            guard bytes == entry.end - entry.start else {
                throw malformed(key, "has a byte range that does not fit its shape")
            }
            guard entry.start >= position else { throw malformed(key, "overlaps another entry") }
            guard entry.start == position else { throw malformed(key, "leaves a gap before it") }
            guard entry.end <= dataCount else {
                throw NeuralNetworkError(.truncated, "\(name) is truncated: it ends before the entry \"\(key)\" does.")
            }
            position = entry.end
        }
        guard position == dataCount else {
            throw NeuralNetworkError(.malformed, "\(name) has \(dataCount - position) bytes after its last entry.")
        }
    }
}
