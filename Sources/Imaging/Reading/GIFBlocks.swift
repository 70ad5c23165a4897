/// Walks the blocks of a GIF file.
struct GIFBlocks {
    let file: FileBytes

    /// Whether the last block is the trailer, which ends every complete file.
    var reachTrailer: Bool {
        let header = file.read(at: 0, count: 13)
        guard header.count == 13 else { return false }
        var offset = 13 + Self.paletteSize(header[10])
        while let introducer = byte(at: offset) {
            switch introducer {
            case 0x3B: return true
            case 0x21: offset = endOfSubBlocks(at: offset + 2)
            case 0x2C:
                guard let flags = byte(at: offset + 9) else { return false }
                offset = endOfSubBlocks(at: offset + 11 + Self.paletteSize(flags))
            default: return false
            }
        }
        return false
    }

    /// The size in bytes of the palette that a packed field (a byte of flags) announces.
    private static func paletteSize(_ flags: UInt8) -> Int { flags & 0x80 == 0 ? 0 : 3 << (Int(flags & 7) + 1) }

    private func endOfSubBlocks(at start: Int) -> Int {
        var offset = start
        while let length = byte(at: offset), length > 0 { offset += 1 + Int(length) }
        return offset + 1
    }

    private func byte(at offset: Int) -> UInt8? { file.read(at: offset, count: 1).first }
}
