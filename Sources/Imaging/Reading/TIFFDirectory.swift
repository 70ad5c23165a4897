/// One image directory of a TIFF or BigTIFF file.
struct TIFFDirectory {
    private let file: FileBytes
    let isLittleEndian: Bool
    /// Whether the file is a BigTIFF file.
    let isBig: Bool
    private let firstEntry: Int
    private let entryCount: Int

    /// Reads the first directory; nil if the file has none.
    init?(firstOf file: FileBytes) {
        let magic = file.read(at: 0, count: 4)
        guard magic.count == 4 else { return nil }
        let isLittleEndian = magic[0] == 0x49
        let isBig = magic[isLittleEndian ? 2 : 3] == 0x2B
        guard
            let start = Self.number(
                file.read(at: isBig ? 8 : 4, count: isBig ? 8 : 4), isLittleEndian: isLittleEndian)
        else { return nil }
        self.init(file, at: start, isLittleEndian: isLittleEndian, isBig: isBig)
    }

    private init?(_ file: FileBytes, at start: Int, isLittleEndian: Bool, isBig: Bool) {
        (self.file, self.isLittleEndian, self.isBig) = (file, isLittleEndian, isBig)
        firstEntry = start + (isBig ? 8 : 2)
        guard start > 0,
            let count = Self.number(file.read(at: start, count: isBig ? 8 : 2), isLittleEndian: isLittleEndian),
            count <= 65_535
        else { return nil }
        entryCount = count
    }

    /// The first image that is not a reduced copy of another one, and its index among the images; nil if there is none.
    static func fullImage(of file: FileBytes) -> (directory: TIFFDirectory, page: Int)? {
        var directory = TIFFDirectory(firstOf: file)
        // The number of steps is limited, because in a damaged file the directories may link to each other in a loop.
        for page in 0..<64 {
            guard let found = directory else { return nil }
            if (found.value(.newSubfileType) ?? 0) & 1 == 0 { return (found, page) }
            directory = found.next
        }
        return nil
    }

    /// The tags that this project reads.
    enum Tag: Int {
        case newSubfileType = 254
        case width = 256
        case height = 257
        case bitsPerSample = 258
        case compression = 259
        case stripOffsets = 273
        case samplesPerPixel = 277
        case stripByteCounts = 279
        case planarConfiguration = 284
        case tileWidth = 322
        case tileHeight = 323
        case tileOffsets = 324
        case tileByteCounts = 325
        case extraSamples = 338
        case xmp = 700
        case iptc = 33_723
        case photoshop = 34_377
        case photoDirectory = 34_665
        case gpsDirectory = 34_853
        case interoperabilityDirectory = 40_965
    }

    /// The unsigned integers of a tag; nil if the tag is missing, of another type, or lies outside the file.
    func values(_ tag: Tag) -> [Int]? {
        let entrySize = isBig ? 20 : 12
        for index in 0..<entryCount {
            let offset = firstEntry + index * entrySize
            guard number(at: offset, 2) == tag.rawValue else { continue }
            let sizes = [1: 1, 3: 2, 4: 4, 13: 4, 16: 8]
            let field = isBig ? 8 : 4
            guard let size = number(at: offset + 2, 2).flatMap({ sizes[$0] }),
                let count = number(at: offset + 4, field), count <= file.size
            else { return nil }
            let inline = offset + 4 + field
            let start = size * count <= field ? inline : number(at: inline, field)
            guard let start else { return nil }
            let bytes = file.read(at: start, count: size * count)
            guard bytes.count == size * count else { return nil }
            return stride(from: 0, to: bytes.count, by: size).map {
                Self.number(bytes[$0..<($0 + size)], isLittleEndian: isLittleEndian) ?? 0
            }
        }
        return nil
    }

    /// All tags of known types.
    ///
    /// - Parameters:
    ///   - directory: the directory that the tags are said to belong to.
    ///   - budget: the most bytes of all values, from which the bytes that were read are subtracted. In a damaged file,
    ///     thousands of tags may share one large value.
    ///   - readsValue: false for a tag whose value is not needed.
    func tags(
        as directory: ExifTag.Directory = .image, budget: inout Int, readsValue: (UInt16) -> Bool = { _ in true }
    ) -> [ExifTag] {
        var tags: [ExifTag] = []
        for index in 0..<entryCount {
            let offset = firstEntry + index * (isBig ? 20 : 12)
            guard let number = self.number(at: offset, 2), let type = self.number(at: offset + 2, 2),
                Self.sizes.indices.contains(type), Self.sizes[type] > 0,
                let count = self.number(at: offset + 4, isBig ? 8 : 4), count > 0
            else { continue }
            var tag = ExifTag(
                directory: directory, number: UInt16(number), type: UInt16(type), count: count, value: [])
            if readsValue(tag.number) {
                guard count <= budget, let value = self.value(at: offset, type: type, count: count, limit: budget)
                else {
                    continue
                }
                budget -= value.count
                tag.value = value
            }
            tags.append(tag)
        }
        return tags
    }

    /// The bytes of a value of each TIFF type; 0 for a number that is no type.
    private static let sizes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8]

    /// The values of the tag at an offset, in little-endian order; nil if they lie outside the file or have more than
    /// `limit` bytes.
    private func value(at offset: Int, type: Int, count: Int, limit: Int) -> [UInt8]? {
        let size = Self.sizes[type] * count
        let field = isBig ? 8 : 4
        let inline = offset + 4 + field
        guard size <= limit, let start = size <= field ? inline : number(at: inline, field) else { return nil }
        let bytes = file.read(at: start, count: size)
        guard bytes.count == size else { return nil }
        // A fraction consists of two numbers of half its size.
        let unit = type == 5 || type == 10 ? 4 : Self.sizes[type]
        if isLittleEndian || unit == 1 { return bytes }
        return stride(from: 0, to: size, by: unit).flatMap { bytes[$0..<($0 + unit)].reversed() }
    }

    /// The bytes of a tag, whatever its type; nil if the tag is missing, lies outside the file or has more than `limit`
    /// bytes.
    func bytes(_ tag: Tag, limit: Int) -> [UInt8]? {
        for index in 0..<entryCount {
            let offset = firstEntry + index * (isBig ? 20 : 12)
            guard number(at: offset, 2) == tag.rawValue, let type = number(at: offset + 2, 2),
                Self.sizes.indices.contains(type), let count = number(at: offset + 4, isBig ? 8 : 4), count <= limit
            else { continue }
            return value(at: offset, type: 1, count: count * Self.sizes[type], limit: limit)
        }
        return nil
    }

    /// The directory that a tag points to.
    func directory(at tag: Tag) -> TIFFDirectory? {
        value(tag).flatMap { TIFFDirectory(file, at: $0, isLittleEndian: isLittleEndian, isBig: isBig) }
    }

    /// The first integer of a tag.
    func value(_ tag: Tag) -> Int? { values(tag)?.first }

    /// The directory of the next image; nil if there is none.
    var next: TIFFDirectory? {
        guard let start = number(at: firstEntry + entryCount * (isBig ? 20 : 12), isBig ? 8 : 4) else { return nil }
        return TIFFDirectory(file, at: start, isLittleEndian: isLittleEndian, isBig: isBig)
    }

    private func number(at offset: Int, _ count: Int) -> Int? {
        let bytes = file.read(at: offset, count: count)
        return bytes.count == count ? Self.number(bytes, isLittleEndian: isLittleEndian) : nil
    }

    /// Decodes an unsigned number of at most 62 bits; nil for a larger number or if `bytes` is empty.
    private static func number(_ bytes: some BidirectionalCollection<UInt8>, isLittleEndian: Bool) -> Int? {
        guard !bytes.isEmpty, (isLittleEndian ? bytes.last : bytes.first)! < 0x40 || bytes.count < 8 else { return nil }
        let value =
            isLittleEndian ? bytes.reversed().reduce(0) { $0 << 8 | Int($1) } : bytes.reduce(0) { $0 << 8 | Int($1) }
        return value
    }
}
