/// Cuts a stream of bytes into lines of bounded length.
struct LineSplitter {
    private let longest: Int
    private var pending: [UInt8] = []

    init(longest: Int) {
        self.longest = longest
    }

    /// Adds bytes; `take` gets each line that they complete, without its newline, cut to the longest length.
    mutating func add(_ bytes: ArraySlice<UInt8>, _ take: ([UInt8]) -> Void) {
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                take(pending)
                pending.removeAll(keepingCapacity: true)
            } else if pending.count < longest {
                pending.append(byte)
            }
        }
    }

    /// Passes on what follows the last newline.
    mutating func finish(_ take: ([UInt8]) -> Void) {
        if !pending.isEmpty { take(pending) }
        pending = []
    }
}
