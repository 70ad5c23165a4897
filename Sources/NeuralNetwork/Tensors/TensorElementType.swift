/// The element types of PyTorch's storages.
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

    /// The element type of a storage class, given its name without the module.
    init?(storage name: String) {
        self.init(rawValue: name)
    }

    /// The size of an element in bytes.
    var size: Int {
        switch self {
        case .double, .int64: 8
        case .float, .int32: 4
        case .half, .bfloat16, .int16: 2
        case .int8, .uint8, .bool: 1
        }
    }

    /// True when the type can hold a network's parameters.
    var isFloatingPoint: Bool {
        switch self {
        case .double, .float, .half, .bfloat16: true
        default: false
        }
    }

    /// Reads element `index` of little-endian data as a float; floating-point types only.
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
        default: preconditionFailure("integer types hold no parameters")
        }
    }
}
