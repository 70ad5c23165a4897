import LinuxSupport

/// Writes a JSON list element by element, in the format of `JSONValue.lines`: one element per line.
struct LineStream {
    private let closing: String
    private let write: ([UInt8]) -> Void
    private var buffer: [UInt8]
    private var isEmpty = true

    init(opening: String, closing: String, write: @escaping ([UInt8]) -> Void) {
        buffer = Array(opening.utf8)
        self.closing = closing
        self.write = write
    }

    mutating func add(_ element: JSONValue) {
        if !isEmpty { buffer.append(UInt8(ascii: ",")) }
        buffer.append(UInt8(ascii: "\n"))
        element.append(to: &buffer)
        isEmpty = false
        if buffer.count > 60_000 {
            write(buffer)
            buffer.removeAll(keepingCapacity: true)
        }
    }

    mutating func finish() {
        write(buffer + ((isEmpty ? "" : "\n") + closing + "\n").utf8)
        buffer.removeAll()
    }
}
