extension RawMetadata {
    /// Reads the chunks of a WebP file.
    mutating func readWebP(_ file: FileBytes) {
        var offset = 12
        while let length = file.littleEndian32(at: offset + 4) {
            switch String(decoding: file.read(at: offset, count: 4), as: UTF8.self) {
            case "EXIF":
                if let bytes = block(of: file, at: offset + 8, count: length, named: "EXIF") { addExif(bytes) }
            case "XMP ":
                if xmp == nil { xmp = block(of: file, at: offset + 8, count: length, named: "XMP") }
            default: break
            }
            offset += 8 + length + length % 2
        }
    }
}
