import Glibc
import SystemPackage

// Names are bytes, not text. All code in this file therefore uses C strings, never `String`.

extension FilePath.Component {
    /// The name's bytes, without the terminating NUL.
    public var bytes: [UInt8] {
        withPlatformString { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
    }

    /// A name of the given bytes, which must be free of slashes and NULs and must not be empty.
    public init(bytes: some Sequence<UInt8>) {
        let terminated = bytes.map { CInterop.PlatformChar(bitPattern: $0) } + [0]
        self = terminated.withUnsafeBufferPointer { FilePath.Component(platformString: $0.baseAddress!) }!
    }
}

extension FilePath {
    /// The path's bytes, without the terminating NUL.
    public var bytes: [UInt8] {
        withPlatformString { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
    }

    /// A path of the given bytes, which must be free of NULs.
    public init(bytes: some Sequence<UInt8>) {
        let terminated = bytes.map { CInterop.PlatformChar(bitPattern: $0) } + [0]
        self = terminated.withUnsafeBufferPointer { FilePath(platformString: $0.baseAddress!) }
    }

    /// The path for logs and messages: one line, no control bytes, and every byte that is not UTF-8 as `\xNN`.
    public var escaped: String { EscapedBytes.text(bytes) }
}
