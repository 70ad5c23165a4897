/// An EXIF block: a small TIFF file of directories with 12-byte entries.
///
/// libvips reads EXIF with libexif, which leaves the values of removed tags in the block. So this type works on the
/// bytes themselves: it reads the orientation and removes the GPS position.
struct ExifBlock {
    /// The block's bytes, including the "Exif" prefix if the file has it.
    private(set) var bytes: [UInt8]
    private let start: Int
    private let isLittleEndian: Bool

    private static let orientationTag = 0x0112
    private static let locationTag = 0x8825

    /// Reads a block as stored in a file; nil if the bytes are not an EXIF block.
    init?(_ bytes: [UInt8]) {
        self.bytes = bytes
        start = bytes.starts(with: Array("Exif\0\0".utf8)) ? 6 : 0
        switch bytes.dropFirst(start).prefix(4) {
        case [0x49, 0x49, 0x2A, 0x00]: isLittleEndian = true
        case [0x4D, 0x4D, 0x00, 0x2A]: isLittleEndian = false
        default: return nil
        }
    }

    /// The value of the orientation tag, 1 to 8; nil if the tag is missing or invalid.
    var orientation: Int? {
        guard let entry = firstDirectory.flatMap({ entry(Self.orientationTag, in: $0) }),
            number(entry + 2, 2) == 3, let value = number(entry + 8, 2), (1...8).contains(value)
        else { return nil }
        return value
    }

    /// The block without its GPS directory; nil if the block cannot be parsed.
    func removingLocation() -> ExifBlock? {
        guard let directory = firstDirectory, directory >= 8, let count = number(directory, 2),
            isInside(directory + 2, 12 * count + 4)
        else { return nil }
        guard let entry = entry(Self.locationTag, in: directory) else { return self }
        let end = directory + 2 + 12 * count + 4
        guard let location = number(entry + 8, 4), let entries = number(location, 2),
            isInside(location + 2, 12 * entries)
        else { return nil }
        var ranges = [location..<(location + 2 + 12 * entries)]
        for index in 0..<entries {
            guard let value = valueRange(of: location + 2 + 12 * index) else { return nil }
            ranges.append(value)
        }
        // No camera writes values that overlap the header or the directory, or many values that share the same bytes,
        // so such a block counts as unreadable.
        guard ranges.allSatisfy({ $0.isEmpty || $0.lowerBound >= 8 && !$0.overlaps(directory..<end) }),
            ranges.reduce(0, { $0 + $1.count }) <= bytes.count
        else { return nil }
        var result = self
        for range in ranges { result.clear(range) }
        // The entries after the removed one, and the offset of the next directory behind them, move 12 bytes towards
        // the start, into the gap.
        for offset in (entry + 12)..<end { result.bytes[start + offset - 12] = bytes[start + offset] }
        result.clear((end - 12)..<end)
        result.set(directory, count - 1)
        // A second GPS entry would still be in the directory, so the block is then refused.
        return result.entry(Self.locationTag, in: directory) == nil ? result : nil
    }

    private var firstDirectory: Int? { number(4, 4) }

    private func entry(_ tag: Int, in directory: Int) -> Int? {
        guard let count = number(directory, 2) else { return nil }
        return (0..<count).lazy.map { directory + 2 + 12 * $0 }.first { number($0, 2) == tag }
    }

    /// The range of an entry's value outside the entry. Empty if the value fits into the entry; nil if the range is
    /// invalid.
    private func valueRange(of entry: Int) -> Range<Int>? {
        let sizes = [1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8]
        guard let type = number(entry + 2, 2), let count = number(entry + 4, 4), let offset = number(entry + 8, 4)
        else { return nil }
        let size = (sizes[type] ?? 1) * count
        guard size > 4 else { return entry..<entry }
        return isInside(offset, size) ? offset..<(offset + size) : nil
    }

    private func isInside(_ offset: Int, _ count: Int) -> Bool {
        offset >= 0 && count >= 0 && start + offset + count <= bytes.count
    }

    private func number(_ offset: Int, _ count: Int) -> Int? {
        guard isInside(offset, count) else { return nil }
        let slice = bytes[(start + offset)..<(start + offset + count)]
        return (isLittleEndian ? Array(slice.reversed()) : Array(slice)).reduce(0) { $0 << 8 | Int($1) }
    }

    private mutating func clear(_ range: Range<Int>) {
        for offset in range { bytes[start + offset] = 0 }
    }

    /// Writes a 16-bit number.
    private mutating func set(_ offset: Int, _ value: Int) {
        let pair = [UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)]
        bytes[start + offset] = isLittleEndian ? pair[1] : pair[0]
        bytes[start + offset + 1] = isLittleEndian ? pair[0] : pair[1]
    }
}
