/// Numbers whose least significant byte comes first.
enum LittleEndian {
    /// The lowest `count` bytes of a number.
    static func bytes(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    /// The unsigned number that at most 7 bytes hold.
    static func number(_ bytes: some BidirectionalCollection<UInt8>) -> Int {
        bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}

/// Numbers whose most significant byte comes first.
enum BigEndian {
    /// The lowest `count` bytes of a number.
    static func bytes(_ value: Int, _ count: Int) -> [UInt8] { LittleEndian.bytes(value, count).reversed() }

    /// The unsigned number that at most 7 bytes hold.
    static func number(_ bytes: some Collection<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }
}
