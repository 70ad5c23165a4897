/// Splits a stream of bytes into lines.
public struct LineBuffer: Sendable {
    private let longest: Int
    private var bytes: [UInt8] = []
    /// The index in `bytes` at which the next line begins.
    private var begin = 0
    /// The bytes from `begin` to this index contain no newline.
    private var searched = 0

    /// Makes an empty buffer.
    ///
    /// - longest: the maximum number of bytes that are kept of a line; the rest of a longer line is dropped.
    public init(longest: Int = .max) {
        self.longest = longest
    }

    /// The number of bytes after the last line that was taken.
    public var count: Int { bytes.count - begin }

    /// Adds the stream's next bytes.
    public mutating func append(_ chunk: some Sequence<UInt8>) {
        bytes += chunk
    }

    /// Takes the next whole line, without its newline; nil when more bytes are needed.
    public mutating func next() -> [UInt8]? {
        guard let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) else {
            bytes.removeSubrange(..<begin)
            begin = 0
            if bytes.count > longest { bytes.removeSubrange(longest...) }
            searched = bytes.count
            return nil
        }
        defer {
            begin = end + 1
            searched = begin
        }
        return Array(bytes[begin..<end].prefix(longest))
    }

    /// Takes the bytes after the last newline, at the end of the stream; nil when there are none.
    public mutating func rest() -> [UInt8]? {
        defer { self = LineBuffer(longest: longest) }
        let line = bytes[begin...].prefix(longest)
        return line.isEmpty ? nil : Array(line)
    }
}
