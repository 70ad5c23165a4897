/// The number formats of PyTorch's storages.
enum TensorElementType: String {
    case double = "DoubleStorage"
    case float = "FloatStorage"
    case half = "HalfStorage"
    case bfloat16 = "BFloat16Storage"
    case int64 = "LongStorage"
    case int32 = "IntStorage"
    case int16 = "ShortStorage"
    case int8 = "CharStorage"
    case uint8 = "ByteStorage"
    case bool = "BoolStorage"

    /// The format of a storage class, by its name without its module.
    init?(storage name: String) {
        self.init(rawValue: name)
    }

    /// Bytes a number.
    var size: Int {
        switch self {
        case .double, .int64: 8
        case .float, .int32: 4
        case .half, .bfloat16, .int16: 2
        case .int8, .uint8, .bool: 1
        }
    }

    /// Whether the format can hold the parameters of a network.
    var isFloatingPoint: Bool {
        switch self {
        case .double, .float, .half, .bfloat16: true
        default: false
        }
    }

    /// The number at `index` of little-endian bytes; only for formats with fractions.
    @inline(__always)
    func load(_ bytes: UnsafeRawPointer, at index: Int) -> Float {
        switch self {
        case .double:
            Float(
                Double(
                    bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))))
        case .float:
            Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)))
        case .half:
            SafetensorsFile.widen(
                half: UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)))
        case .bfloat16:
            Float(
                bitPattern: UInt32(
                    UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))) << 16)
        default: preconditionFailure("integers hold no parameters")
        }
    }
}
