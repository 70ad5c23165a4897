/// A result's metadata as bytes that fit into the output format, and notes about what does not fit.
struct EncodedMetadata {
    let metadata: ImageMetadata
    /// EXIF tags, for TIFF; the other formats use `exif`.
    let tags: ExifEncoder
    /// The EXIF block, which begins with TIFF's header.
    private(set) var exif: [UInt8]?
    /// The XMP packet with its wrapper.
    private(set) var xmp: [UInt8]?
    /// The IPTC data sets.
    private(set) var iptc: [UInt8]?
    private(set) var texts: [ImageText] = []
    private(set) var notes: [String] = []

    init(_ metadata: ImageMetadata, format: ImageFormat, width: Int, height: Int) {
        self.metadata = metadata
        var metadata = metadata
        if format == .tiff {
            let windows = metadata.exif.filter { ExifTagList.belongsToWindows($0) }
            metadata.exif.removeAll { ExifTagList.belongsToWindows($0) }
            if !windows.isEmpty {
                notes.append(
                    "Windows' title, comment, author, keywords and subject were not kept: TIFF has no such tags.")
            }
        }
        var encoder = ExifEncoder(metadata, format: format, width: width, height: height)
        if format == .jpeg {
            for tag in encoder.shrink(to: JPEGHead.largestExif) {
                notes.append(
                    "The EXIF tag 0x\(String(tag.number, radix: 16)) with \(tag.value.count) bytes was not kept, "
                        + "because JPEG holds at most 64 kB of EXIF data.")
            }
        }
        tags = encoder
        let hasExif = !metadata.exif.isEmpty || metadata.statesColourSpace
        exif = hasExif && format != .tiff ? encoder.block : nil
        xmp = metadata.xmp.map { Array(Self.packetStart.utf8) + $0 + Array(Self.packetEnd.utf8) }
        iptc = metadata.iptc
        texts = metadata.texts
        checkSizes(format)
    }

    // The wrapper by which programs find an XMP packet in a file. The attribute "r" means that there is no room to
    // change the packet in place.
    private static let packetStart = "<?xpacket begin=\"\u{FEFF}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
    private static let packetEnd = "\n<?xpacket end=\"r\"?>"

    private mutating func checkSizes(_ format: ImageFormat) {
        if format == .jpeg, let count = xmp?.count, count > JPEGHead.largestXMP {
            notes.append("The XMP data (\(count) bytes) were not kept, because JPEG holds at most 64 kB of XMP data.")
            xmp = nil
        }
        if format == .jpeg, let count = iptc?.count, count > JPEGHead.largestIPTC {
            notes.append("The IPTC data (\(count) bytes) were not kept, because JPEG holds at most 64 kB of IPTC data.")
            iptc = nil
        }
        if iptc != nil && (format == .png || format == .webp) {
            notes.append("The IPTC data were not kept, because \(format.displayName) files cannot hold them.")
            iptc = nil
        }
        let kept = texts.filter { text in
            switch format {
            case .png: true
            case .jpeg: text.chunk == nil && text.text.utf8.count <= JPEGHead.largestComment
            case .webp, .tiff, .gif: false
            }
        }
        if kept != texts {
            let names = texts.filter { !kept.contains($0) }.map(\.keyword).joined(separator: ", ")
            notes.append("These texts were not kept, because \(format.displayName) files cannot hold them: \(names).")
            texts = kept
        }
    }
}
