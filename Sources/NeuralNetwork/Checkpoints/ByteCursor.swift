/// Reads a byte range of a file from start to end and never reads outside it.
struct ByteCursor {
    private let bytes: [UInt8]
    private let end: Int
    /// The offset of the next byte in the file.
    private(set) var position: Int
    /// The file's name in error messages.
    let name: String

    init(_ bytes: [UInt8], range: Range<Int>, name: String) {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= bytes.count, "the range exceeds the bytes of the file")
        self.bytes = bytes
        self.name = name
        position = range.lowerBound
        end = range.upperBound
    }

    /// The number of bytes left to read.
    var remaining: Int { end - position }

    /// Advances over `count` bytes and returns their range in the file.
    mutating func take(_ count: Int) throws(NeuralNetworkError) -> Range<Int> {
        guard count >= 0, count <= remaining else {
            throw NeuralNetworkError(.truncated, "\(name) is truncated or damaged: it ends before its contents do.")
        }
        position += count
        return position - count..<position
    }

    mutating func byte() throws(NeuralNetworkError) -> UInt8 {
        bytes[try take(1).lowerBound]
    }

    /// Reads a little-endian number of at most eight bytes.
    mutating func unsigned(bytes count: Int) throws(NeuralNetworkError) -> UInt64 {
        precondition(count <= 8)
        return try take(count).reversed().reduce(0) { $0 << 8 | UInt64(bytes[$1]) }
    }

    /// Reads a little-endian number of at most four bytes.
    mutating func integer(bytes count: Int) throws(NeuralNetworkError) -> Int {
        precondition(count <= 4)
        return Int(try unsigned(bytes: count))
    }

    /// Reads a UTF-8 string of `count` bytes; invalid sequences become U+FFFD.
    mutating func text(bytes count: Int) throws(NeuralNetworkError) -> String {
        String(decoding: bytes[try take(count)], as: UTF8.self)
    }

    /// Reads a line and advances past its line feed.
    mutating func line() throws(NeuralNetworkError) -> String {
        let length = bytes[position..<end].firstIndex(of: UInt8(ascii: "\n")).map { $0 - position } ?? remaining
        let line = try text(bytes: length)
        _ = try take(1)
        return line
    }

    /// True when the next bytes equal `prefix`.
    func starts(with prefix: [UInt8]) -> Bool {
        bytes[position..<end].starts(with: prefix)
    }
}
