/// One tag of an EXIF block or of a TIFF file's first directory.
public struct ExifTag: Sendable, Equatable {
    /// The directory that a tag belongs to.
    public enum Directory: Int, Sendable {
        /// The first directory: the camera, the author, the resolution.
        case image
        /// The EXIF directory: exposure and dates.
        case photo
        /// The interoperability directory, which names the colour space.
        case interoperability
        /// The GPS directory: where the image was taken.
        case gps
    }

    /// The tag's directory.
    public var directory: Directory
    /// The tag's number.
    public var number: UInt16
    /// The value's type, as TIFF numbers the types.
    public var type: UInt16
    /// The number of values; for text, the number of bytes.
    public var count: Int
    /// The values in little-endian order; empty for a tag that no result may carry.
    public var value: [UInt8]

    /// Makes a tag from its parts.
    public init(directory: Directory, number: UInt16, type: UInt16, count: Int, value: [UInt8]) {
        self.directory = directory
        self.number = number
        self.type = type
        self.count = count
        self.value = value
    }

    /// A tag of 16-bit numbers.
    static func short(_ directory: Directory, _ number: UInt16, _ values: [Int]) -> ExifTag {
        ExifTag(
            directory: directory, number: number, type: 3, count: values.count,
            value: values.flatMap { LittleEndian.bytes($0, 2) })
    }

    /// A tag of one 32-bit number.
    static func long(_ directory: Directory, _ number: UInt16, _ value: Int) -> ExifTag {
        ExifTag(directory: directory, number: number, type: 4, count: 1, value: LittleEndian.bytes(value, 4))
    }

    /// A tag of one fraction.
    static func fraction(_ directory: Directory, _ number: UInt16, _ numerator: Int, _ denominator: Int) -> ExifTag {
        ExifTag(
            directory: directory, number: number, type: 5, count: 1,
            value: LittleEndian.bytes(numerator, 4) + LittleEndian.bytes(denominator, 4))
    }

    /// A tag of bytes without a defined type.
    static func undefined(_ directory: Directory, _ number: UInt16, _ value: [UInt8]) -> ExifTag {
        ExifTag(directory: directory, number: number, type: 7, count: value.count, value: value)
    }

    /// The first value, if it is an unsigned integer.
    var integer: Int? {
        switch type {
        case 1 where value.count >= 1: Int(value[0])
        case 3 where value.count >= 2: LittleEndian.number(value[..<2])
        case 4 where value.count >= 4: LittleEndian.number(value[..<4])
        default: nil
        }
    }

    /// The first value, if it is an unsigned fraction.
    var fraction: Double? {
        guard type == 5, value.count >= 8 else { return nil }
        let denominator = LittleEndian.number(value[4..<8])
        return denominator == 0 ? nil : Double(LittleEndian.number(value[..<4])) / Double(denominator)
    }

    /// The text up to its first zero byte, if the value is text.
    var text: String? {
        guard type == 2 else { return nil }
        return String(decoding: value.prefix { $0 != 0 }, as: UTF8.self)
    }
}
