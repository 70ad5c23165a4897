extension RawMetadata {
    /// Reads the segments before the first scan of a JPEG file.
    mutating func readJPEG(_ file: FileBytes) {
        var photoshop: [UInt8] = []
        var offset = 2
        while case let head = file.read(at: offset, count: 4), head.count == 4, head[0] == 0xFF {
            let marker = head[1]
            // A marker may follow any number of fill bytes.
            if marker == 0xFF {
                offset += 1
                continue
            }
            // These markers have no length: the first one is TEM, the others are restart markers and SOI.
            if marker == 0x01 || (0xD0...0xD8).contains(marker) {
                offset += 2
                continue
            }
            let length = BigEndian.number(head[2...])
            guard length >= 2, marker != Self.startOfScan, marker != Self.endOfImage else { break }
            if [0xE0, 0xE1, 0xE2, 0xED, 0xFE].contains(marker) {
                addSegment(marker, file.read(at: offset + 4, count: length - 2), photoshop: &photoshop)
            }
            offset += 2 + length
        }
        addPhotoshopBlocks(photoshop)
    }

    private static let startOfScan: UInt8 = 0xDA
    private static let endOfImage: UInt8 = 0xD9

    private mutating func addSegment(_ marker: UInt8, _ bytes: [UInt8], photoshop: inout [UInt8]) {
        func payload(after prefix: String) -> [UInt8]? {
            bytes.starts(with: prefix.utf8) ? Array(bytes.dropFirst(prefix.utf8.count)) : nil
        }
        switch marker {
        case 0xE0:
            if let density = payload(after: "JFIF\0"), density.count >= 7 { readDensity(density) }
        case 0xE1:
            if let block = payload(after: "Exif\0\0") { addExif(block) }
            if let packet = payload(after: JPEGHead.xmpPrefix), xmp == nil { xmp = packet }
            if bytes.starts(with: "http://ns.adobe.com/xmp/extension/\0".utf8) { hasExtendedXMP = true }
        case 0xE2:
            if bytes.starts(with: "MPF\0".utf8) { hasFurtherImages = true }
        case 0xED:
            guard let blocks = payload(after: JPEGHead.photoshopPrefix) else { return }
            if photoshop.count + blocks.count <= Self.largestBlock { photoshop += blocks }
        default: texts.append(ImageText(keyword: "Comment", text: ImageText.decoded(bytes.prefix { $0 != 0 })))
        }
    }

    /// Reads JFIF's density: a unit, 1 for dots per inch and 2 for dots per centimetre, and two numbers.
    private mutating func readDensity(_ bytes: [UInt8]) {
        let (horizontal, vertical) = (BigEndian.number(bytes[3..<5]), BigEndian.number(bytes[5..<7]))
        guard bytes[2] == 1 || bytes[2] == 2, horizontal > 0, vertical > 0 else { return }
        let millimetres = bytes[2] == 1 ? 25.4 : 10
        resolution = (Double(horizontal) / millimetres, Double(vertical) / millimetres)
    }
}
