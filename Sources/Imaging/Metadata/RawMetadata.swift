/// The metadata of a file as its format stores them, before a parser has read them.
struct RawMetadata {
    /// The EXIF block, which begins with TIFF's header.
    var exif: [UInt8]?
    var xmp: [UInt8]?
    var iptc: [UInt8]?
    var texts: [ImageText] = []
    /// The resolution in pixels per millimetre that the file states outside EXIF.
    var resolution: (horizontal: Double, vertical: Double)?
    /// Whether an XMP packet continues in further blocks, which are not read.
    var hasExtendedXMP = false
    /// Whether the file contains further images, such as a gain map or a preview.
    var hasFurtherImages = false
    var notes: [String] = []

    /// The most bytes of one block; a larger one is left out with a note.
    static let largestBlock = 1 << 20

    /// Finds the metadata of a file. EXIF tags of a TIFF file are not in a block: `ImageMetadata` reads them.
    init(of file: FileBytes, format: ImageFormat) {
        switch format {
        case .jpeg: readJPEG(file)
        case .png: readPNG(file)
        case .webp: readWebP(file)
        case .tiff: readTIFF(file)
        case .gif: break
        }
    }

    /// Takes an EXIF block if there is none yet. Some programs put JPEG's prefix before it in other formats too.
    mutating func addExif(_ bytes: [UInt8]) {
        guard exif == nil else { return }
        let prefix = Array("Exif\0\0".utf8)
        exif = bytes.starts(with: prefix) ? Array(bytes.dropFirst(prefix.count)) : bytes
    }

    /// Takes the IPTC data sets from the blocks that Photoshop writes. The other blocks, among them copies of EXIF and
    /// XMP and a thumbnail, are left out.
    mutating func addPhotoshopBlocks(_ bytes: [UInt8]) {
        var offset = 0
        while offset + 12 <= bytes.count {
            let number = BigEndian.number(bytes[(offset + 4)..<(offset + 6)])
            // The name is a counted text, padded to an even length.
            let nameLength = (Int(bytes[offset + 6]) + 2) & ~1
            let sizeOffset = offset + 6 + nameLength
            guard sizeOffset + 4 <= bytes.count else { return }
            let size = BigEndian.number(bytes[sizeOffset..<(sizeOffset + 4)])
            let start = sizeOffset + 4
            guard start + size <= bytes.count else { return }
            if number == 0x0404, iptc == nil { iptc = Array(bytes[start..<(start + size)]) }
            offset = start + (size + 1) & ~1
        }
    }

    /// Reads the blocks in the directory of a TIFF file's first full page.
    private mutating func readTIFF(_ file: FileBytes) {
        guard let directory = TIFFDirectory.fullImage(of: file)?.directory else { return }
        xmp = directory.bytes(.xmp, limit: Self.largestBlock)
        iptc = directory.bytes(.iptc, limit: Self.largestBlock)
        if let blocks = directory.bytes(.photoshop, limit: Self.largestBlock) { addPhotoshopBlocks(blocks) }
    }

    /// Reads one block of a file; notes a block that is too large.
    mutating func block(of file: FileBytes, at offset: Int, count: Int, named name: String) -> [UInt8]? {
        guard count <= Self.largestBlock else {
            notes.append("The \(name) data were not kept, because they are larger than 1 MB.")
            return nil
        }
        let bytes = file.read(at: offset, count: count)
        return bytes.count == count ? bytes : nil
    }
}
