/// Walks the markers of a JPEG file as far as the end of its first image.
struct JPEGMarkers {
    let file: FileBytes

    /// The place in the file where the walk ended.
    enum End {
        /// At the end marker (EOI). Other data may follow it.
        case endMarker
        /// At the end of the file, inside the compressed pixels.
        case insideScan
        /// The walk ended before any pixel data, or at bytes that are not a marker.
        case elsewhere
    }

    /// The end of the walk. If the last two bytes of the file are the end marker, only they are read.
    var end: End {
        if file.read(at: file.size - 2, count: 2) == [0xFF, Self.endOfImage] { return .endMarker }
        var offset = 2
        var hasScan = false
        while true {
            guard let marker = nextMarker(at: offset) else { return hasScan ? .insideScan : .elsewhere }
            switch marker.code {
            case Self.endOfImage: return .endMarker
            case 0xD0...0xD8, 0x01: offset = marker.end
            default:
                let length = file.read(at: marker.end, count: 2)
                guard length.count == 2 else { return hasScan ? .insideScan : .elsewhere }
                offset = marker.end + (Int(length[0]) << 8 | Int(length[1]))
                if marker.code == Self.startOfScan { hasScan = true }
            }
        }
    }

    static let endOfImage: UInt8 = 0xD9
    static let startOfScan: UInt8 = 0xDA

    /// The next marker at or after an offset, and the offset after it; nil if there is none. Compressed pixels are not
    /// mistaken for markers: in them, 0xFF occurs only before 0 or as part of a restart marker.
    func nextMarker(at start: Int) -> (code: UInt8, end: Int)? {
        var offset = start
        var afterFF = false
        while offset < file.size {
            let block = file.read(at: offset, count: 65_536)
            guard !block.isEmpty else { return nil }
            for (index, byte) in block.enumerated() {
                if afterFF && byte != 0 && byte != 0xFF { return (byte, offset + index + 1) }
                afterFF = byte == 0xFF
            }
            offset += block.count
        }
        return nil
    }
}
