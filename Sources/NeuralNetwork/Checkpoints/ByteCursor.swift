/// Reads a part of a file from its beginning to its end, and never a byte beyond.
struct ByteCursor {
    private let bytes: [UInt8]
    private let end: Int
    /// Where the next byte lies in the file.
    private(set) var position: Int
    /// What error messages call the file.
    let name: String

    init(_ bytes: [UInt8], range: Range<Int>, name: String) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "the range is outside of the bytes")
        self.bytes = bytes
        self.name = name
        position = range.lowerBound
        end = range.upperBound
    }

    /// The bytes that are left.
    var remaining: Int { end - position }

    /// Steps over `count` bytes and says where they lie.
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

    /// A little-endian number of at most eight bytes.
    mutating func unsigned(bytes count: Int) throws(NeuralNetworkError) -> UInt64 {
        precondition(count <= 8)
        return try take(count).reversed().reduce(0) { $0 << 8 | UInt64(bytes[$1]) }
    }

    /// A little-endian number of at most four bytes.
    mutating func integer(bytes count: Int) throws(NeuralNetworkError) -> Int {
        precondition(count <= 4)
        return Int(try unsigned(bytes: count))
    }

    /// A text of `count` bytes; what is no UTF-8 in it is replaced.
    mutating func text(bytes count: Int) throws(NeuralNetworkError) -> String {
        String(decoding: bytes[try take(count)], as: UTF8.self)
    }

    /// The text up to the next line feed, which is stepped over.
    mutating func line() throws(NeuralNetworkError) -> String {
        let length = bytes[position..<end].firstIndex(of: UInt8(ascii: "\n")).map { $0 - position } ?? remaining
        let line = try text(bytes: length)
        _ = try take(1)
        return line
    }

    /// Whether the next bytes are these.
    func starts(with prefix: [UInt8]) -> Bool {
        bytes[position..<end].starts(with: prefix)
    }
}
