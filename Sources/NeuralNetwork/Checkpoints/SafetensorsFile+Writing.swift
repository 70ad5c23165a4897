import Foundation

extension SafetensorsFile {
    /// The encoded file: entries sorted by name, in single precision, the data aligned to 8 bytes.
    public func encoded() -> [UInt8] {
        var entries: [String: SafetensorsHeader.Entry] = [:]
        var position = 0
        let names = tensors.keys.sorted()
        for name in names {
            let tensor = tensors[name]!
            let end = position + 4 * tensor.count
            entries[name] = SafetensorsHeader.Entry(type: "F32", shape: tensor.shape, offsets: [position, end])
            position = end
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let header = SafetensorsHeader(metadata: metadata, entries: entries)
        // `try!` is safe: the header holds only strings and integers.
        var json = try! encoder.encode(header)
        json.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - json.count % 8) % 8))

        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + json.count + position)
        for shift in 0..<8 {
            bytes.append(UInt8(truncatingIfNeeded: json.count >> (8 * shift)))
        }
        bytes.append(contentsOf: json)
        for name in names {
            tensors[name]!.values.withUnsafeBytes { bytes.append(contentsOf: $0) }
        }
        return bytes
    }
}
