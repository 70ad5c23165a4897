/// A message in protobuf's wire format, with the field types that event files need.
struct ProtobufMessage {
    /// The encoded fields.
    private(set) var bytes: [UInt8] = []

    private enum WireType: Int {
        case varint = 0
        case fixed64 = 1
        case delimited = 2
        case fixed32 = 5
    }

    /// Adds a non-negative integer.
    mutating func append(_ field: Int, integer: Int) {
        start(field, .varint)
        append(varint: UInt64(integer))
    }

    /// Adds a double-precision number.
    mutating func append(_ field: Int, double: Double) {
        start(field, .fixed64)
        withUnsafeBytes(of: double.bitPattern.littleEndian) { bytes += $0 }
    }

    /// Adds a single-precision number.
    mutating func append(_ field: Int, float: Float) {
        start(field, .fixed32)
        withUnsafeBytes(of: float.bitPattern.littleEndian) { bytes += $0 }
    }

    /// Adds bytes.
    mutating func append(_ field: Int, _ content: [UInt8]) {
        start(field, .delimited)
        append(varint: UInt64(content.count))
        bytes += content
    }

    /// Adds a text.
    mutating func append(_ field: Int, _ text: String) { append(field, Array(text.utf8)) }

    /// Adds a nested message.
    mutating func append(_ field: Int, _ message: ProtobufMessage) { append(field, message.bytes) }

    private mutating func start(_ field: Int, _ type: WireType) {
        append(varint: UInt64(field << 3 | type.rawValue))
    }

    private mutating func append(varint number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
