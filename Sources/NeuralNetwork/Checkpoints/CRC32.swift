/// The CRC-32 checksum of zip files (polynomial 0xEDB88320).
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 1 ? 0xEDB8_8320 : 0) }
    }

    /// Returns the checksum of a range of bytes.
    static func checksum(of bytes: [UInt8], in range: Range<Int>) -> UInt32 {
        table.withUnsafeBufferPointer { table in
            bytes.withUnsafeBufferPointer { bytes in
                var value = UInt32.max
                // A `while` loop: over millions of bytes, a `for` loop is ten times slower in a debug build.
                var index = range.lowerBound
                while index < range.upperBound {
                    value = table[Int((value ^ UInt32(bytes[index])) & 0xFF)] ^ value >> 8
                    index &+= 1
                }
                return ~value
            }
        }
    }
}
