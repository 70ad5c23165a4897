import Glibc
import SystemPackage

// Names are bytes, not text: everything here goes through C strings, never through `String`.

extension FilePath.Component {
    /// The name's bytes.
    var bytes: [UInt8] {
        withPlatformString { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
    }

    /// A name of the given bytes, which must be free of slashes and NULs and must not be empty.
    init(bytes: [UInt8]) {
        let terminated = bytes.map { CInterop.PlatformChar(bitPattern: $0) } + [0]
        self = terminated.withUnsafeBufferPointer { FilePath.Component(platformString: $0.baseAddress!) }!
    }
}

extension FilePath {
    /// The path's bytes.
    public var bytes: [UInt8] {
        withPlatformString { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
    }

    /// A path of the given bytes, which must be free of NULs.
    public init(bytes: [UInt8]) {
        let terminated = bytes.map { CInterop.PlatformChar(bitPattern: $0) } + [0]
        self = terminated.withUnsafeBufferPointer { FilePath(platformString: $0.baseAddress!) }
    }

    /// The path for logs and messages: one line, no control bytes, and every byte that is no UTF-8 spelled out.
    public var escaped: String { EscapedBytes.text(bytes) }

    /// The path with all symbolic links resolved. What does not exist yet is appended to the real path of what does.
    var resolvingExistingPart: FilePath {
        var existing = self
        var missing: [FilePath.Component] = []
        while true {
            if let real = existing.withPlatformString({ realpath($0, nil) }) {
                defer { free(real) }
                var resolved = FilePath(platformString: real)
                for component in missing.reversed() { resolved.append(component) }
                return resolved
            }
            guard let last = existing.lastComponent else { return self }
            missing.append(last)
            existing.removeLastComponent()
        }
    }
}

/// Shows bytes that strangers chose without letting them write to a terminal or begin a log line of their own.
enum EscapedBytes {
    static func text(_ bytes: [UInt8]) -> String {
        var shown = ""
        var rest = bytes[...]
        while !rest.isEmpty {
            if let (scalar, length) = firstScalar(of: rest) {
                append(scalar, to: &shown)
                rest = rest.dropFirst(length)
            } else {
                shown += hexadecimal(rest.first!)
                rest = rest.dropFirst()
            }
        }
        return shown
    }

    private static func append(_ scalar: Unicode.Scalar, to shown: inout String) {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            switch scalar {
            case "\n": shown += "\\n"
            case "\r": shown += "\\r"
            case "\t": shown += "\\t"
            default: for byte in String(scalar).utf8 { shown += hexadecimal(byte) }
            }
        default:
            if scalar == "\\" { shown += "\\\\" } else { shown.unicodeScalars.append(scalar) }
        }
    }

    /// Decodes one character strictly; nil when the first byte begins none.
    private static func firstScalar(of bytes: ArraySlice<UInt8>) -> (Unicode.Scalar, Int)? {
        var decoder = UTF8()
        var iterator = bytes.prefix(4).makeIterator()
        guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return nil }
        return (scalar, UTF8.width(scalar))
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = Array("0123456789abcdef")
        return "\\x\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
    }
}
