/// The record format of TFRecord files. A record consists of its length, a checksum of the length, the content and a
/// checksum of the content.
enum RecordFile {
    /// The bytes of one record.
    static func record(_ content: [UInt8]) -> [UInt8] {
        let length = withUnsafeBytes(of: UInt64(content.count).littleEndian) { Array($0) }
        return length + masked(checksum(length)) + content + masked(checksum(content))
    }

    /// The checksum CRC-32C (Castagnoli).
    static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~0) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { remainder, _ in
            remainder & 1 == 0 ? remainder >> 1 : remainder >> 1 ^ 0x82F6_3B78
        }
    }

    /// The checksum as TFRecord stores it. It is rotated and offset, because a checksum over data that contains its own
    /// checksum detects errors poorly.
    private static func masked(_ checksum: UInt32) -> [UInt8] {
        withUnsafeBytes(of: ((checksum >> 15 | checksum << 17) &+ 0xA282_EAD8).littleEndian) { Array($0) }
    }
}
