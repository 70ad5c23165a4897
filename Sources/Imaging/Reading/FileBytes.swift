import Glibc

/// Reads bytes at any offset of a seekable file, without moving its position, or of a file's part in memory.
struct FileBytes {
    let descriptor: Int32
    let size: Int
    private let memory: [UInt8]?

    init(descriptor: Int32, size: Int) {
        (self.descriptor, self.size, memory) = (descriptor, size, nil)
    }

    init(_ memory: [UInt8]) {
        (descriptor, size, self.memory) = (-1, memory.count, memory)
    }

    /// Reads bytes at an offset; returns fewer than requested only at the end of the file.
    func read(at offset: Int, count: Int) -> [UInt8] {
        guard offset >= 0, offset < size, count > 0 else { return [] }
        if let memory { return Array(memory[offset..<(offset + min(count, size - offset))]) }
        return [UInt8](unsafeUninitializedCapacity: min(count, size - offset)) { buffer, filled in
            while filled < buffer.count {
                let got = pread(descriptor, buffer.baseAddress! + filled, buffer.count - filled, off_t(offset + filled))
                if got < 0 && errno == EINTR { continue }
                guard got > 0 else { break }
                filled += got
            }
        }
    }

    /// The offset at which the zero bytes at the end of the file begin; the file's size if the last byte is not zero.
    ///
    /// Reads only 64 bytes of a file that does not end in zeros.
    var zeroTailStart: Int {
        var (end, count) = (size, 64)
        while end > 0 {
            let start = max(0, end - count)
            let bytes = read(at: start, count: end - start)
            if let last = bytes.lastIndex(where: { $0 != 0 }) { return start + last + 1 }
            (end, count) = (start, 65_536)
        }
        return 0
    }

    /// Reads an unsigned 4-byte number, most significant byte first; nil beyond the end of the file.
    func bigEndian32(at offset: Int) -> Int? {
        let bytes = read(at: offset, count: 4)
        guard bytes.count == 4 else { return nil }
        return bytes.reduce(0) { $0 << 8 | Int($1) }
    }

    /// Reads an unsigned 4-byte number, least significant byte first; nil beyond the end of the file.
    func littleEndian32(at offset: Int) -> Int? {
        let bytes = read(at: offset, count: 4)
        guard bytes.count == 4 else { return nil }
        return bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
