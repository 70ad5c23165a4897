/// Tells zeros that belong to a TIFF file's pixels from zeros in place of missing data.
struct TIFFZeroTail {
    let file: FileBytes

    /// Whether the zeros from an offset to the end of the file stand in place of missing data.
    func isPadding(from zeros: Int) -> Bool {
        guard let directory = TIFFDirectory(firstOf: file),
            let offsets = directory.values(.stripOffsets) ?? directory.values(.tileOffsets),
            let counts = directory.values(.stripByteCounts) ?? directory.values(.tileByteCounts),
            // The part that is last in the file.
            let last = zip(offsets, counts).max(by: { $0.0 < $1.0 }), last.1 > 0
        else { return false }
        let end = last.0 + last.1
        guard end > zeros + Self.shortest else { return false }
        switch directory.value(.compression) ?? 1 {
        case 1: return pixelsBreakOff(at: zeros, directory: directory, starts: offsets)
        // LZW, JPEG, Deflate and PackBits: their data never end in so many zeros. LZW and JPEG have an end code, Deflate
        // has a checksum that is not zero, and PackBits counts equal bytes.
        case 5, 7, 8, 32_946, 32_773: return true
        default: return false
        }
    }

    /// The fewest zeros that are examined.
    private static let shortest = 16

    /// Whether uncompressed pixels turn into zeros as only an interrupted copy does.
    ///
    /// Black pixels are zeros too. But an image with a black lower edge turns black at the end of a row, and an object on a
    /// black ground has black around it. So the zeros must begin inside a row that has no black before them and lies below
    /// a row that has none.
    private func pixelsBreakOff(at zeros: Int, directory: TIFFDirectory, starts: [Int]) -> Bool {
        guard let width = directory.value(.width), let bits = directory.values(.bitsPerSample),
            directory.values(.stripOffsets) != nil, let first = bits.first, first >= 8,
            let start = starts.filter({ $0 <= zeros }).max()
        else { return false }
        // Planar files have one sample per pixel in a strip; taking two of their rows for one does no harm here.
        let rowBytes = width * (bits.reduce(0) { $0 + $1 / 8 })
        guard rowBytes >= 4 * Self.shortest, zeros - start >= rowBytes else { return false }
        let intoRow = (zeros - start) % rowBytes
        guard (Self.shortest...(rowBytes - Self.shortest)).contains(intoRow) else { return false }
        let before = file.read(at: zeros - rowBytes, count: rowBytes)
        return before.count { $0 != 0 } >= rowBytes * 15 / 16
    }
}
