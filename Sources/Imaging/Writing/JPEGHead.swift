/// The beginning of a JPEG file: the segments with metadata, before those that describe the pixels.
struct JPEGHead: FileHead {
    let metadata: EncodedMetadata

    static let xmpPrefix = "http://ns.adobe.com/xap/1.0/\0"
    static let photoshopPrefix = "Photoshop 3.0\0"
    private static let profilePrefix = "ICC_PROFILE\0"

    /// The most bytes in a segment, without its length.
    private static let largestSegment = 65_533
    static let largestExif = largestSegment - 6
    static let largestXMP = largestSegment - xmpPrefix.utf8.count
    // A Photoshop block has a header of 12 bytes and is padded to an even length.
    static let largestIPTC = largestSegment - photoshopPrefix.utf8.count - 13
    static let largestComment = largestSegment

    /// Puts the segments after the start marker. If libjpeg has written a JFIF header, it is replaced.
    func replacement(for start: [UInt8]) -> [UInt8]? {
        guard start.count >= 20 else { return nil }
        let hasHeader = start.starts(with: [0xFF, 0xD8, 0xFF, 0xE0, 0, 16])
        return start[..<2] + segments + start[(hasHeader ? 20 : 2)...]
    }

    private var segments: [UInt8] {
        var bytes = Self.segment(0xE0, "JFIF\0", density)
        if let exif = metadata.exif { bytes += Self.segment(0xE1, "Exif\0\0", exif) }
        if let xmp = metadata.xmp { bytes += Self.segment(0xE1, Self.xmpPrefix, xmp) }
        if let iptc = metadata.iptc {
            let block = Array("8BIM".utf8) + [0x04, 0x04, 0, 0] + BigEndian.bytes(iptc.count, 4) + iptc
            bytes += Self.segment(0xED, Self.photoshopPrefix, block + (iptc.count % 2 == 1 ? [0] : []))
        }
        if let profile = metadata.metadata.profile { bytes += Self.profileSegments(profile) }
        for text in metadata.texts { bytes += Self.segment(0xFE, "", Array(text.text.utf8)) }
        return bytes
    }

    /// JFIF's version 1.1, the density in dots per inch or the ratio 1:1 without a unit, and no thumbnail. Programs
    /// that print read the resolution here.
    private var density: [UInt8] {
        let values = [metadata.metadata.horizontalResolution, metadata.metadata.verticalResolution].map {
            $0.flatMap { Int(exactly: ($0 * 25.4).rounded()) }
        }
        guard let horizontal = values[0], let vertical = values[1], (1...65_535).contains(horizontal),
            (1...65_535).contains(vertical)
        else { return [1, 1, 0, 0, 1, 0, 1, 0, 0] }
        return [1, 1, 1] + BigEndian.bytes(horizontal, 2) + BigEndian.bytes(vertical, 2) + [0, 0]
    }

    /// Splits a profile into segments that state their number and the number of all.
    private static func profileSegments(_ profile: [UInt8]) -> [UInt8] {
        let size = largestSegment - profilePrefix.utf8.count - 2
        let count = (profile.count + size - 1) / size
        guard count <= 255 else { return [] }
        return (0..<count).flatMap { index in
            let part = profile[(index * size)..<min(profile.count, (index + 1) * size)]
            return segment(0xE2, profilePrefix, [UInt8(index + 1), UInt8(count)] + part)
        }
    }

    private static func segment(_ marker: UInt8, _ prefix: String, _ payload: [UInt8]) -> [UInt8] {
        let body = Array(prefix.utf8) + payload
        return [0xFF, marker] + BigEndian.bytes(body.count + 2, 2) + body
    }
}
