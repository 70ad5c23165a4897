/// The one tag of an EXIF block that changes what the pixels mean.
enum ExifOrientation {
    /// The orientation, 1 to 8, out of a TIFF structure as EXIF uses it; nil when it is missing or makes no sense.
    static func read(from block: [UInt8]) -> Int? {
        let bytes = block.starts(with: Array("Exif\0\0".utf8)) ? Array(block.dropFirst(6)) : block
        let littleEndian: Bool
        if bytes.starts(with: Array("II*\0".utf8)) {
            littleEndian = true
        } else if bytes.starts(with: Array("MM\0*".utf8)) {
            littleEndian = false
        } else {
            return nil
        }
        func number(_ offset: Int, _ count: Int) -> Int? {
            guard offset >= 0, offset + count <= bytes.count else { return nil }
            let slice = bytes[offset..<(offset + count)]
            return (littleEndian ? Array(slice.reversed()) : Array(slice)).reduce(0) { $0 << 8 | Int($1) }
        }
        guard let directory = number(4, 4), let entries = number(directory, 2) else { return nil }
        for entry in 0..<entries {
            let start = directory + 2 + 12 * entry
            guard let tag = number(start, 2) else { return nil }
            guard tag == 0x0112 else { continue }
            guard number(start + 2, 2) == 3, let value = number(start + 8, 2) else { return nil }
            return (1...8).contains(value) ? value : nil
        }
        return nil
    }
}
