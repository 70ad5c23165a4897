import Glibc
import LinuxSupport
import SystemPackage

/// Passes command line arguments of any bytes through a parser that only accepts text.
///
/// Each byte that is not valid UTF-8 becomes one private-use character, U+10FF00 plus the byte, which `bytes(of:)`
/// converts back. If an argument itself contains such a character, each byte of that character's UTF-8 is converted in
/// the same way, so the conversion is lossless.
enum ArgumentBytes {
    private static let base: UInt32 = 0x10FF00

    /// The arguments of this process, without the program's name.
    static func commandLine() -> [String] {
        (1..<max(1, Int(CommandLine.argc))).compactMap { index in
            CommandLine.unsafeArgv[index].map { text(of: UnsafeBufferPointer(start: $0, count: strlen($0))) }
        }
    }

    /// Converts the bytes of an argument to text that the parser accepts.
    static func text(of bytes: some Sequence<CChar>) -> String {
        var rest = bytes.map { UInt8(bitPattern: $0) }[...]
        var scalars = String.UnicodeScalarView()
        while let first = rest.first {
            var iterator = rest.makeIterator()
            var decoder = UTF8()
            if case .scalarValue(let scalar) = decoder.decode(&iterator), scalar.value & ~0xFF != base {
                scalars.append(scalar)
                rest = rest.dropFirst(UTF8.width(scalar))
            } else {
                scalars.append(Unicode.Scalar(base + UInt32(first))!)
                rest = rest.dropFirst()
            }
        }
        return String(scalars)
    }

    /// Converts a text from `text(of:)` back to the original bytes of the argument.
    static func bytes(of text: String) -> [UInt8] {
        text.unicodeScalars.flatMap { scalar -> [UInt8] in
            if scalar.value & ~0xFF == base { return [UInt8(scalar.value & 0xFF)] }
            return Array(String(scalar).utf8)
        }
    }

    /// The path that an argument names.
    static func path(of text: String) -> FilePath {
        FilePath(bytes: bytes(of: text))
    }

    /// The argument for display. Control characters are escaped, and bytes that are not valid UTF-8 are replaced by
    /// U+FFFD.
    static func shown(_ text: String) -> String {
        PlainText.clean(String(decoding: bytes(of: text), as: UTF8.self))
    }
}
