extension ImageMetadata {
    /// Reads a file's metadata, except the colour profile.
    init(of file: FileBytes, format: ImageFormat) {
        self.init()
        let raw = RawMetadata(of: file, format: format)
        notes = raw.notes
        (xmp, iptc, texts) = (raw.xmp, raw.iptc, raw.texts)
        if format == .tiff {
            readDirectories(of: file)
        } else if let bytes = raw.exif {
            readDirectories(of: FileBytes(bytes))
            if exif.isEmpty { notes.append("The EXIF data are damaged and were not kept.") }
        }
        if raw.hasExtendedXMP { notes.append("The XMP data beyond the first 64 kB were not kept.") }
        if raw.hasFurtherImages {
            notes.append("Further images in the file, such as a preview or a gain map, were not kept.")
        }
        let resolution = Self.resolution(exif: exifResolution, other: raw.resolution, format: format)
        (horizontalResolution, verticalResolution) = (resolution?.horizontal, resolution?.vertical)
    }

    /// The most bytes of all EXIF values together.
    private static let largestExif = 1 << 20

    /// Reads the EXIF tags of an EXIF block or a TIFF file. Values that no result may carry are not read.
    private mutating func readDirectories(of file: FileBytes) {
        var budget = Self.largestExif
        func add(_ directory: TIFFDirectory?, as kind: ExifTag.Directory) {
            let tags = directory?.tags(as: kind, budget: &budget) { ExifTagList.needsValue($0, in: kind) } ?? []
            // No real directory has this many tags.
            for tag in tags.prefix(1000) where self.tag(kind, tag.number) == nil {
                exif.append(directory?.isLittleEndian == false ? Self.swappingComment(tag) : tag)
            }
        }
        let first = TIFFDirectory(firstOf: file)
        // A thumbnail may come first in a TIFF file. Then the camera is often stated in its directory, but the
        // resolution is that of the full image.
        for directory in [TIFFDirectory.fullImage(of: file)?.directory, first] {
            add(directory, as: .image)
            let photo = directory?.directory(at: .photoDirectory)
            add(photo, as: .photo)
            add(photo?.directory(at: .interoperabilityDirectory), as: .interoperability)
            add(directory?.directory(at: .gpsDirectory), as: .gps)
        }
    }

    /// Brings a user comment in UTF-16 into little-endian order; its type says nothing about the order.
    private static func swappingComment(_ tag: ExifTag) -> ExifTag {
        let prefix = Array("UNICODE\0".utf8)
        guard tag.directory == .photo, tag.number == 0x9286, tag.value.starts(with: prefix) else { return tag }
        var result = tag
        for index in stride(from: prefix.count, to: tag.value.count - 1, by: 2) {
            result.value.swapAt(index, index + 1)
        }
        return result
    }

    /// The resolution in pixels per millimetre that EXIF or TIFF states.
    private var exifResolution: (horizontal: Double, vertical: Double)? {
        let millimetres: Double
        switch tag(.image, 0x0128)?.integer ?? 2 {
        case 2: millimetres = 25.4
        case 3: millimetres = 10
        default: return nil
        }
        guard let horizontal = tag(.image, 0x011A)?.fraction, let vertical = tag(.image, 0x011B)?.fraction else {
            return nil
        }
        let range = 0.01...10_000.0
        let result = (horizontal / millimetres, vertical / millimetres)
        return range.contains(result.0) && range.contains(result.1) ? result : nil
    }

    /// Chooses between EXIF's resolution and another one in the file.
    ///
    /// PNG's own chunk wins over EXIF. In JPEG, EXIF wins unless it states 72 dpi, because the EXIF standard prescribes
    /// this number for an unknown resolution.
    private static func resolution(
        exif: (horizontal: Double, vertical: Double)?, other: (horizontal: Double, vertical: Double)?,
        format: ImageFormat
    ) -> (horizontal: Double, vertical: Double)? {
        guard let exif, let other else { return exif ?? other }
        let isUnknown = abs(exif.horizontal * 25.4 - 72) < 0.1 && abs(exif.vertical * 25.4 - 72) < 0.1
        return format == .png || isUnknown ? other : exif
    }
}
