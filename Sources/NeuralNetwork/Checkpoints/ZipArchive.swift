/// The entries of a zip file that stores its contents uncompressed, as PyTorch does for checkpoints.
///
/// Compression, encryption, multiple volumes and the Zip64 extension are not supported. Entries come from the central
/// directory at the end of the file; each is checked against its local header and its checksum.
struct ZipArchive {
    /// The byte range of an entry's contents, and their CRC-32.
    struct Entry {
        var range: Range<Int>
        var checksum: UInt32
    }

    /// The entries by name.
    private(set) var entries: [String: Entry] = [:]
    private let bytes: [UInt8]
    private let name: String

    private static let localSignature: UInt64 = 0x0403_4B50
    private static let centralSignature: UInt64 = 0x0201_4B50
    private static let endSignature: [UInt8] = [0x50, 0x4B, 0x05, 0x06]
    private static let endLength = 22

    /// True when the bytes begin like a zip file.
    static func begins(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: [0x50, 0x4B, 0x03, 0x04])
    }

    /// Reads the central directory.
    init(bytes: [UInt8], name: String) throws(NeuralNetworkError) {
        self.bytes = bytes
        self.name = name
        var end = try Self.endRecord(bytes, name: name)
        _ = try end.take(4)
        let disk = try end.integer(bytes: 2)
        let directoryDisk = try end.integer(bytes: 2)
        let countHere = try end.integer(bytes: 2)
        let count = try end.integer(bytes: 2)
        let size = try end.integer(bytes: 4)
        let offset = try end.integer(bytes: 4)
        guard count != 0xFFFF, size != 0xFFFF_FFFF, offset != 0xFFFF_FFFF else {
            throw NeuralNetworkError(
                .unsupportedType, "\(name) uses the 64-bit extension of zip files, which is not supported.")
        }
        guard disk == 0, directoryDisk == 0, countHere == count, offset <= bytes.count, size <= bytes.count - offset
        else { throw malformed("its central directory is outside the file") }
        var directory = ByteCursor(bytes, range: offset..<offset + size, name: name)
        for _ in 0..<count { try readEntry(&directory) }
        // Entries that share bytes are rejected, because they could make this program read the same bytes thousands of
        // times.
        guard entries.values.reduce(0, { $0 + $1.range.count }) <= bytes.count else {
            throw malformed("its entries overlap")
        }
    }

    /// Returns the byte range of an entry's contents after a check of their checksum.
    func contents(of entry: String) throws(NeuralNetworkError) -> Range<Int> {
        guard let found = entries[entry] else { throw malformed("it has no entry \"\(Self.shown(entry))\"") }
        guard CRC32.checksum(of: bytes, in: found.range) == found.checksum else {
            throw malformed("the checksum of \"\(Self.shown(entry))\" does not match its contents")
        }
        return found.range
    }

    private mutating func readEntry(_ directory: inout ByteCursor) throws(NeuralNetworkError) {
        guard try directory.unsigned(bytes: 4) == Self.centralSignature else {
            throw malformed("its central directory is damaged")
        }
        _ = try directory.take(4)
        let flags = try directory.integer(bytes: 2)
        let method = try directory.integer(bytes: 2)
        _ = try directory.take(4)
        let checksum = UInt32(try directory.unsigned(bytes: 4))
        let packed = try directory.integer(bytes: 4)
        let unpacked = try directory.integer(bytes: 4)
        let nameLength = try directory.integer(bytes: 2)
        let extraLength = try directory.integer(bytes: 2)
        let commentLength = try directory.integer(bytes: 2)
        _ = try directory.take(8)
        let offset = try directory.integer(bytes: 4)
        let entry = try directory.text(bytes: nameLength)
        _ = try directory.take(extraLength + commentLength)
        if entry.hasSuffix("/") { return }
        guard method == 0, flags & 1 == 0, packed == unpacked else {
            throw NeuralNetworkError(
                .unsupportedType,
                "\(name): the entry \"\(Self.shown(entry))\" is compressed or encrypted; checkpoints are neither.")
        }
        guard packed != 0xFFFF_FFFF, offset != 0xFFFF_FFFF else {
            throw NeuralNetworkError(
                .unsupportedType, "\(name) uses the 64-bit extension of zip files, which is not supported.")
        }
        guard entries[entry] == nil else { throw malformed("it holds \"\(Self.shown(entry))\" twice") }
        entries[entry] = Entry(range: try contentRange(offset: offset, count: packed), checksum: checksum)
    }

    /// Finds the contents after the local header, whose name and extra field may be longer than those in the central
    /// directory.
    private func contentRange(offset: Int, count: Int) throws(NeuralNetworkError) -> Range<Int> {
        guard offset <= bytes.count else { throw malformed("an entry is outside the file") }
        var header = ByteCursor(bytes, range: offset..<bytes.count, name: name)
        guard try header.unsigned(bytes: 4) == Self.localSignature else { throw malformed("an entry has no header") }
        _ = try header.take(22)
        let nameLength = try header.integer(bytes: 2)
        let extraLength = try header.integer(bytes: 2)
        _ = try header.take(nameLength + extraLength)
        return try header.take(count)
    }

    /// Finds the record at the end of the file that locates the central directory; only a comment may follow it.
    private static func endRecord(_ bytes: [UInt8], name: String) throws(NeuralNetworkError) -> ByteCursor {
        let last = bytes.count - endLength
        var position = last
        while position >= max(0, last - 0xFFFF) {
            if bytes[position] == endSignature[0], bytes[position...].starts(with: endSignature) {
                return ByteCursor(bytes, range: position..<bytes.count, name: name)
            }
            position -= 1
        }
        throw NeuralNetworkError(.truncated, "\(name) is truncated: its zip file's directory at the end is missing.")
    }

    private func malformed(_ what: String) -> NeuralNetworkError {
        NeuralNetworkError(.malformed, "\(name) is a damaged zip file: \(what).")
    }

    private static func shown(_ text: String) -> String { PickleMachine.shown(text) }
}
