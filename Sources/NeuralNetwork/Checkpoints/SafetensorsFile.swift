import Foundation

/// Named tensors and a string map in the safetensors format.
///
/// A file holds the header's length (8 bytes, little-endian), the header as JSON, and the tensors' data without gaps or
/// overlaps. The header maps each tensor's name to its type, shape and byte range, and the key `__metadata__` to the
/// string map.
public struct SafetensorsFile: Sendable {
    /// The tensors in single precision (half precision is converted), without PyTorch's integer entries that only count
    /// training steps.
    public var tensors: [String: Tensor]
    /// The `__metadata__` map.
    public var metadata: [String: String]

    /// Makes the content of a new file.
    public init(tensors: [String: Tensor], metadata: [String: String] = [:]) {
        self.tensors = tensors
        self.metadata = metadata
    }

    /// The safetensors format's limit on the header's length in bytes; it also bounds the work that an untrusted file
    /// can cause.
    static let maximumHeaderSize = 100_000_000

    /// Decodes a file.
    ///
    /// - Parameters:
    ///   - bytes: A whole file.
    ///   - name: The file's name in error messages.
    /// - Throws: `truncated`, `malformed` or `unsupportedType`; the message names the file and the entry.
    public init(bytes: [UInt8], name: String) throws(NeuralNetworkError) {
        guard bytes.count >= 8 else {
            throw NeuralNetworkError(.truncated, "\(name) has \(bytes.count) bytes and is not a safetensors file.")
        }
        let headerLength = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[$1]) << (8 * UInt64($1)) }
        guard headerLength <= Self.maximumHeaderSize else {
            throw NeuralNetworkError(
                .malformed, "\(name) is not a safetensors file: its header's length is out of range.")
        }
        let dataStart = 8 + Int(headerLength)
        guard dataStart <= bytes.count else {
            throw NeuralNetworkError(.truncated, "\(name) is truncated: it ends within its header.")
        }
        guard headerLength >= 2, bytes[8] == UInt8(ascii: "{") else {
            throw NeuralNetworkError(.malformed, "\(name) is not a safetensors file: its header is not a JSON object.")
        }
        let header: SafetensorsHeader
        do {
            header = try JSONDecoder().decode(SafetensorsHeader.self, from: Data(bytes[8..<dataStart]))
        } catch {
            throw NeuralNetworkError(.malformed, "\(name) is not a safetensors file: its header cannot be read.")
        }
        try header.checkLayout(dataCount: bytes.count - dataStart, name: name)

        metadata = header.metadata
        tensors = [:]
        for (key, entry) in header.entries {
            switch entry.type {
            case "F32", "F16", "BF16":
                tensors[key] = Self.decode(entry, bytes: bytes, dataStart: dataStart)
            case _ where StateDict.isBookkeeping(key):
                continue
            default:
                throw NeuralNetworkError(
                    .unsupportedType, "\(name): the entry \"\(key)\" has the type \(entry.type) instead of F32.")
            }
        }
    }

    private static func decode(_ entry: SafetensorsHeader.Entry, bytes: [UInt8], dataStart: Int) -> Tensor {
        Tensor(shape: entry.shape) { values in
            let count = entry.shape.reduce(1, *)
            bytes.withUnsafeBytes { raw in
                let source = UnsafeRawBufferPointer(rebasing: raw[(dataStart + entry.start)..<(dataStart + entry.end)])
                switch entry.type {
                case "F32":
                    UnsafeMutableRawPointer(values).copyMemory(from: source.baseAddress!, byteCount: source.count)
                case "BF16":
                    for i in 0..<count {
                        let bits = UInt16(littleEndian: source.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self))
                        values[i] = Float(bitPattern: UInt32(bits) << 16)
                    }
                default:
                    for i in 0..<count {
                        let bits = UInt16(littleEndian: source.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self))
                        values[i] = widen(half: bits)
                    }
                }
            }
        }
    }

    /// Converts IEEE half precision to single precision, exactly. Swift's `Float16` does not exist on every platform.
    static func widen(half bits: UInt16) -> Float {
        let sign: Float = bits & 0x8000 == 0 ? 1 : -1
        let exponent = Int(bits >> 10 & 0x1F)
        let fraction = Float(bits & 0x3FF)
        switch exponent {
        case 0: return sign * fraction * 0x1p-24
        case 31: return fraction == 0 ? sign * .infinity : .nan
        default: return sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction * 0x1p-10)
        }
    }
}
