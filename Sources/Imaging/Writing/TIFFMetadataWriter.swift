import Glibc

/// Adds metadata to a TIFF file that libtiff has written without metadata.
///
/// It writes a second directory with all tags of the first one and the new tags at the end of the file, and lets the
/// header point to it. libtiff's own directory stays in the file as a few unused bytes.
struct TIFFMetadataWriter {
    let metadata: EncodedMetadata

    /// Changes a finished file, which must be open for reading and writing.
    func write(to descriptor: Int32) throws(ImagingError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.failure() }
        let file = FileBytes(descriptor: descriptor, size: Int(status.st_size))
        guard let directory = TIFFDirectory(firstOf: file), directory.isLittleEndian else {
            throw ImagingError(.inputOutputError, "The TIFF file was not written as expected.")
        }
        let isBig = directory.isBig
        var bytes: [UInt8] = []
        // Directories begin at even places.
        if file.size % 2 == 1 { bytes.append(0) }
        func appended(_ tags: [ExifTag]) -> Int {
            let place = file.size + bytes.count
            if !tags.isEmpty { bytes += TIFFDirectoryBytes.encode(tags, at: place, isBig: isBig) }
            return place
        }
        let photo = appended(metadata.tags.photo)
        let gps = appended(metadata.tags.gps)
        var tags = metadata.tags.pointing(metadata.tags.image, photo: photo, gps: gps) + blocks
        var budget = Int.max
        for tag in directory.tags(budget: &budget) where !tags.contains(where: { $0.number == tag.number }) {
            tags.append(tag)
        }
        let start = appended(tags)
        let field = isBig ? 8 : 4
        try Self.write(bytes, at: file.size, to: descriptor)
        try Self.write(LittleEndian.bytes(start, field), at: isBig ? 8 : 4, to: descriptor)
    }

    /// The tags of XMP, IPTC and the colour profile.
    private var blocks: [ExifTag] {
        var tags: [ExifTag] = []
        if let xmp = metadata.xmp {
            tags.append(ExifTag(directory: .image, number: 0x02BC, type: 1, count: xmp.count, value: xmp))
        }
        if let iptc = metadata.iptc {
            // The standard prescribes bytes, but libtiff and Photoshop use 32-bit numbers.
            let padded = iptc + [UInt8](repeating: 0, count: (4 - iptc.count % 4) % 4)
            tags.append(
                ExifTag(directory: .image, number: 0x83BB, type: 4, count: padded.count / 4, value: padded))
        }
        if let profile = metadata.metadata.profile { tags.append(.undefined(.image, 0x8773, profile)) }
        return tags
    }

    private static func write(_ bytes: [UInt8], at offset: Int, to descriptor: Int32) throws(ImagingError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress! + done, bytes.count - done, off_t(offset + done))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure() }
            done += count
        }
    }

    private static func failure() -> ImagingError { .system(errno: errno, "The output could not be written") }
}
