/// The EXIF tags that a result may carry.
enum ExifTagList {
    static let makerNote: UInt16 = 0x927C
    static let gpsPointer: UInt16 = 0x8825

    /// Whether a tag may be in a result. A result has no interoperability directory: it only names a colour space other
    /// than sRGB, and results are in sRGB.
    static func keeps(_ tag: ExifTag) -> Bool {
        switch tag.directory {
        case .image: image.contains(tag.number)
        case .photo: photo.contains(tag.number)
        case .interoperability: false
        case .gps: tag.number <= 0x1F
        }
    }

    /// Whether the value of a tag is needed: of the tags that a result may carry, and of those that are read for the
    /// orientation, the resolution or the colour space.
    static func needsValue(_ number: UInt16, in directory: ExifTag.Directory) -> Bool {
        let isRead: Set<UInt16> =
            switch directory {
            case .image: [0x0112, 0x011A, 0x011B, 0x0128]
            case .photo: [0xA001]
            case .interoperability: [0x0001]
            case .gps: []
            }
        return isRead.contains(number)
            || keeps(ExifTag(directory: directory, number: number, type: 0, count: 0, value: []))
    }

    /// Whether a tag describes the input file, its pixels or another directory, so that leaving it out needs no note.
    static func describesFile(_ tag: ExifTag) -> Bool {
        switch tag.directory {
        case .image: imageOfFile.contains(tag.number)
        case .photo: photoOfFile.contains(tag.number)
        case .interoperability: true
        case .gps: false
        }
    }

    /// Whether a tag contains text of any length.
    static func isText(_ tag: ExifTag) -> Bool { tag.type == 2 || tag.type == 1 || tag.type == 7 }

    /// Whether a tag is one of Windows' texts (XPTitle to XPSubject), about which libtiff warns in a TIFF file.
    static func belongsToWindows(_ tag: ExifTag) -> Bool {
        tag.directory == .image && (0x9C9B...0x9C9F).contains(tag.number)
    }

    /// The tags of a TIFF file that describe the file and its pixels. The other tags of a TIFF file's first directory
    /// are data about the image.
    private static let imageOfFile: Set<UInt16> = {
        var numbers: Set<UInt16> = [
            0x010A, 0x011A, 0x011B, 0x011C, 0x0128, 0x0129, 0x012D, 0x013D, 0x013E, 0x013F, 0x014A, 0x014C, 0x014D,
            0x014E, 0x0150, 0x015B, 0x0201, 0x0202, 0x0211, 0x0212, 0x0213, 0x0214, 0x02BC, 0x83BB, 0x8649, 0x8769,
            0x8773,
            0x8825, 0xA005, 0xC4A5, 0xEA1C,
        ]
        numbers.formUnion(0x00FE...0x0107)
        numbers.formUnion(0x0111...0x0119)
        numbers.formUnion(0x0140...0x0145)
        numbers.formUnion(0x0152...0x0155)
        return numbers
    }()

    /// Document name, description, camera, software, date, artist, host, ratings, copyright, and Windows' title,
    /// comment, author, keywords and subject.
    private static let image: Set<UInt16> = [
        0x010D, 0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x013C, 0x4746, 0x4749, 0x8298, 0x9C9B, 0x9C9C, 0x9C9D,
        0x9C9E, 0x9C9F,
    ]

    /// Exposure, sensitivity, dates, comment, lens, scene and surroundings.
    private static let photo: Set<UInt16> = {
        var numbers: Set<UInt16> = [
            0x829A, 0x829D, 0x8822, 0x8824, 0x8827, 0x9003, 0x9004, 0x9010, 0x9011, 0x9012, 0x9286, 0x9290, 0x9291,
            0x9292, 0xA20B, 0xA217, 0xA300, 0xA301, 0xA302, 0xA420, 0xA460, 0xA461, 0xA462,
        ]
        numbers.formUnion(0x8830...0x8835)
        numbers.formUnion(0x9201...0x920A)
        numbers.formUnion(0x9400...0x9405)
        numbers.formUnion(0xA401...0xA40C)
        numbers.formUnion(0xA430...0xA435)
        return numbers
    }()

    /// Versions, colour space, size, and what is measured in the input's pixels.
    private static let photoOfFile: Set<UInt16> = [
        0x8825, 0x9000, 0x9101, 0x9102, 0x9214, 0xA000, 0xA001, 0xA002, 0xA003, 0xA004, 0xA005, 0xA20C, 0xA20E, 0xA20F,
        0xA210, 0xA214, 0xA215, 0xA500, 0xEA1C,
    ]
}
