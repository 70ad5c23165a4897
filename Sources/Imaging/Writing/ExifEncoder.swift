/// Writes EXIF tags anew: as a block for JPEG, PNG and WebP, and as directories in a TIFF file.
struct ExifEncoder {
    /// A directory's tags, in the order of their numbers.
    private(set) var image: [ExifTag]
    private(set) var photo: [ExifTag]
    private(set) var gps: [ExifTag]

    private static let photoPointer: UInt16 = 0x8769
    private static let gpsPointer: UInt16 = 0x8825

    /// Adds what the EXIF standard demands and what describes the result: versions, size, resolution and colour space.
    init(_ metadata: ImageMetadata, format: ImageFormat, width: Int, height: Int) {
        var image = metadata.exif.filter { $0.directory == .image }
        var photo = metadata.exif.filter { $0.directory == .photo }
        var gps = metadata.exif.filter { $0.directory == .gps }
        if !photo.isEmpty || metadata.statesColourSpace || (!image.isEmpty && format != .tiff) {
            photo.append(.undefined(.photo, 0x9000, Array("0232".utf8)))
            photo.append(.undefined(.photo, 0xA000, Array("0100".utf8)))
            photo.append(.short(.photo, 0xA001, [1]))
            if format == .jpeg { photo.append(.undefined(.photo, 0x9101, [1, 2, 3, 0])) }
            if format != .tiff {
                photo.append(.long(.photo, 0xA002, width))
                photo.append(.long(.photo, 0xA003, height))
            }
        }
        if !gps.isEmpty && !gps.contains(where: { $0.number == 0 }) {
            gps.append(ExifTag(directory: .gps, number: 0, type: 1, count: 4, value: [2, 3, 0, 0]))
        }
        if format == .tiff || !photo.isEmpty || !gps.isEmpty || !image.isEmpty {
            image += Self.resolution(of: metadata, isRequired: format == .jpeg || format == .tiff)
            if format == .jpeg { image.append(.short(.image, 0x0213, [1])) }
        }
        if !photo.isEmpty { image.append(.long(.image, Self.photoPointer, 0)) }
        if !gps.isEmpty { image.append(.long(.image, Self.gpsPointer, 0)) }
        self.image = image
        self.photo = photo
        self.gps = gps
    }

    /// The resolution. JPEG and TIFF require the tags; if the resolution is unknown, they state that there is no unit.
    private static func resolution(of metadata: ImageMetadata, isRequired: Bool) -> [ExifTag] {
        guard let horizontal = metadata.horizontalResolution, let vertical = metadata.verticalResolution else {
            guard isRequired else { return [] }
            return [.fraction(.image, 0x011A, 1, 1), .fraction(.image, 0x011B, 1, 1), .short(.image, 0x0128, [1])]
        }
        func dots(_ number: UInt16, _ perMillimetre: Double) -> ExifTag {
            let value = perMillimetre * 25.4
            // PNG stores pixels per metre, which turns 300 dpi into 299.9994.
            if abs(value - value.rounded()) < 0.01 && value >= 1 {
                return .fraction(.image, number, Int(value.rounded()), 1)
            }
            return .fraction(.image, number, Int((value * 1000).rounded()), 1000)
        }
        return [dots(0x011A, horizontal), dots(0x011B, vertical), .short(.image, 0x0128, [2])]
    }

    /// The block, which begins with TIFF's header; nil if there are no tags.
    var block: [UInt8]? {
        guard !image.isEmpty else { return nil }
        let header = Array("II*\0".utf8) + LittleEndian.bytes(8, 4)
        let photoStart = header.count + TIFFDirectoryBytes.size(of: image)
        let gpsStart = photoStart + (photo.isEmpty ? 0 : TIFFDirectoryBytes.size(of: photo))
        let first = pointing(image, photo: photoStart, gps: gpsStart)
        var bytes = header + TIFFDirectoryBytes.encode(first, at: header.count)
        if !photo.isEmpty { bytes += TIFFDirectoryBytes.encode(photo, at: photoStart) }
        if !gps.isEmpty { bytes += TIFFDirectoryBytes.encode(gps, at: gpsStart) }
        return bytes
    }

    /// Removes the largest values until the block has at most `limit` bytes.
    ///
    /// - Returns: the removed tags.
    mutating func shrink(to limit: Int) -> [ExifTag] {
        var removed: [ExifTag] = []
        while let block, block.count > limit {
            let largest = (image + photo + gps).max { $0.value.count < $1.value.count }
            guard let largest, largest.value.count > 4 else { break }
            image.removeAll { $0 == largest }
            photo.removeAll { $0 == largest }
            gps.removeAll { $0 == largest }
            removed.append(largest)
        }
        return removed
    }

    /// The first directory's tags with the places of the other directories.
    func pointing(_ tags: [ExifTag], photo photoStart: Int, gps gpsStart: Int) -> [ExifTag] {
        tags.map { tag in
            switch tag.number {
            case Self.photoPointer: .long(.image, Self.photoPointer, photoStart)
            case Self.gpsPointer: .long(.image, Self.gpsPointer, gpsStart)
            default: tag
            }
        }
    }
}
