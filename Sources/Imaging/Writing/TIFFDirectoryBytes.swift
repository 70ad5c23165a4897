/// Writes a directory of a TIFF file or an EXIF block, in little-endian order: the number of tags, the tags, the place
/// of the next directory, and the values that do not fit into a tag.
enum TIFFDirectoryBytes {
    /// The bytes that a directory takes, an even number.
    static func size(of tags: [ExifTag], isBig: Bool = false) -> Int { encode(tags, at: 0, isBig: isBig).count }

    /// The bytes of a directory.
    ///
    /// - Parameters:
    ///   - tags: the tags, each number once, in any order.
    ///   - start: the place of the directory in the file or block.
    ///   - next: the place of the next directory; 0 if there is none.
    ///   - isBig: true for BigTIFF, which has wider numbers.
    static func encode(_ tags: [ExifTag], at start: Int, next: Int = 0, isBig: Bool = false) -> [UInt8] {
        let field = isBig ? 8 : 4
        let entries = tags.sorted { $0.number < $1.number }
        let valuesStart = start + (isBig ? 8 : 2) + entries.count * (4 + 2 * field) + field
        var directory = LittleEndian.bytes(entries.count, isBig ? 8 : 2)
        var values: [UInt8] = []
        for tag in entries {
            directory += LittleEndian.bytes(Int(tag.number), 2) + LittleEndian.bytes(Int(tag.type), 2)
            directory += LittleEndian.bytes(tag.count, field)
            if tag.value.count <= field {
                directory += tag.value + [UInt8](repeating: 0, count: field - tag.value.count)
            } else {
                directory += LittleEndian.bytes(valuesStart + values.count, field)
                values += tag.value
                if values.count % 2 == 1 { values.append(0) }
            }
        }
        return directory + LittleEndian.bytes(next, field) + values
    }
}
