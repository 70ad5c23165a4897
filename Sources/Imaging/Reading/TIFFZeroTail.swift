/// Distinguishes zeros that belong to a TIFF file's pixels from zeros that stand in place of missing data.
struct TIFFZeroTail {
    let file: FileBytes

    /// Whether the zeros from an offset to the end of the file stand in place of missing data.
    func isPadding(from zeros: Int) -> Bool {
        guard let directory = TIFFDirectory(firstOf: file),
            let offsets = directory.values(.stripOffsets) ?? directory.values(.tileOffsets),
            let counts = directory.values(.stripByteCounts) ?? directory.values(.tileByteCounts),
            // The strip or tile that is last in the file.
            let last = zip(offsets, counts).max(by: { $0.0 < $1.0 }), last.1 > 0
        else { return false }
        let end = last.0 + last.1
        guard end > zeros + Self.shortest else { return false }
        switch directory.value(.compression) ?? 1 {
        case 1:
            return directory.values(.stripOffsets) != nil
                ? pixelsBreakOff(at: zeros, directory: directory, starts: offsets)
                : tileBreaksOff(at: zeros, directory: directory, starts: offsets)
        // The data of these compressions never end in so many zeros. LZW, JPEG, LZMA, Zstandard and WebP have an end
        // code or a header with the length, Deflate has a checksum that is not zero, PackBits stores a run of equal
        // bytes as a count, and no code of CCITT's three compressions begins with so many zeros.
        case 2, 3, 4, 5, 7, 8, 32_946, 32_773, 34_925, 50_000, 50_001: return true
        default: return false
        }
    }

    /// The smallest number of zeros, in bytes, that can count as missing data.
    private static let shortest = 16

    /// Whether uncompressed pixels break off into zeros in a way that only an interrupted copy causes.
    ///
    /// Black pixels are zeros too. But if the lower edge of an image is black, the zeros begin at the start of a row.
    /// If the zeros follow an object on a black background, zeros also precede the object in the same row. So the zeros
    /// count as missing data only if they begin in the middle of a row, and if at least 15/16 of the bytes before them,
    /// counted over the length of one row, are not zero.
    private func pixelsBreakOff(at zeros: Int, directory: TIFFDirectory, starts: [Int]) -> Bool {
        guard let width = directory.value(.width), let bits = directory.values(.bitsPerSample), let first = bits.first,
            first >= 8,
            let start = starts.filter({ $0 <= zeros }).max()
        else { return false }
        // In a planar file, a strip holds only one sample per pixel, so `rowBytes` covers several rows of the strip.
        // The test also works with several rows.
        let rowBytes = width * (bits.reduce(0) { $0 + $1 / 8 })
        guard rowBytes >= 4 * Self.shortest, zeros - start >= rowBytes else { return false }
        let intoRow = (zeros - start) % rowBytes
        guard (Self.shortest...(rowBytes - Self.shortest)).contains(intoRow) else { return false }
        let before = file.read(at: zeros - rowBytes, count: rowBytes)
        return before.count { $0 != 0 } >= rowBytes * 15 / 16
    }

    /// The same test for the tile in which the zeros begin. A tile at the right or lower edge of the image is filled up,
    /// often with zeros, so only the columns and rows in the image count.
    private func tileBreaksOff(at zeros: Int, directory: TIFFDirectory, starts: [Int]) -> Bool {
        guard let width = directory.value(.width), let height = directory.value(.height),
            let tileWidth = directory.value(.tileWidth), let tileHeight = directory.value(.tileHeight),
            tileWidth > 0, tileHeight > 0, let bits = directory.values(.bitsPerSample), let first = bits.first,
            first >= 8, directory.value(.planarConfiguration) ?? 1 == 1,
            let start = starts.filter({ $0 <= zeros }).max(), let index = starts.firstIndex(of: start)
        else { return false }
        let pixelBytes = bits.reduce(0) { $0 + $1 / 8 }
        let columns = (width + tileWidth - 1) / tileWidth
        let shownBytes = min(tileWidth, width - index % columns * tileWidth) * pixelBytes
        let shownRows = min(tileHeight, height - index / columns * tileHeight)
        let rowBytes = tileWidth * pixelBytes
        let (row, intoRow) = (zeros - start).quotientAndRemainder(dividingBy: rowBytes)
        guard shownBytes >= 4 * Self.shortest, (1..<shownRows).contains(row),
            (Self.shortest...(shownBytes - Self.shortest)).contains(intoRow)
        else { return false }
        let rowStart = zeros - intoRow
        let before = file.read(at: rowStart - rowBytes, count: shownBytes) + file.read(at: rowStart, count: intoRow)
        return before.count { $0 != 0 } >= before.count * 15 / 16
    }
}
