@testable import NeuralNetwork

/// Writes uncompressed zip files with valid checksums.
enum StoredZip {
    static func bytes(_ entries: [(name: String, contents: [UInt8])]) -> [UInt8] {
        func number(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        var file: [UInt8] = []
        var directory: [UInt8] = []
        for (name, contents) in entries {
            let checksum = Int(CRC32.checksum(of: contents, in: 0..<contents.count))
            // Version, flags, method, time, date; checksum, both sizes, the lengths of name and extra field.
            let common =
                number(0, 10) + number(checksum, 4) + number(contents.count, 4) + number(contents.count, 4)
                + number(name.utf8.count, 2) + number(0, 2)
            directory += [0x50, 0x4B, 1, 2] + number(0, 2) + common + number(0, 10) + number(file.count, 4)
            directory += name.utf8
            file += [0x50, 0x4B, 3, 4] + common + name.utf8 + contents
        }
        let end =
            [0x50, 0x4B, 5, 6] + number(0, 4) + number(entries.count, 2) + number(entries.count, 2)
            + number(directory.count, 4) + number(file.count, 4) + number(0, 2)
        return file + directory + end
    }
}
