import CExiv2

/// IPTC and XMP data that Exiv2 has read.
///
/// Not Sendable: only one thread may use a block.
final class Exiv2Block {
    private let pointer: OpaquePointer

    init() {
        guard let pointer = cexiv2_new() else { preconditionFailure("memory ran out") }
        self.pointer = pointer
    }

    deinit { cexiv2_free(pointer) }

    /// Loads what Exiv2 needs. A process that cannot open files later calls this first.
    static func prepare() { cexiv2_prepare() }

    /// Reads IPTC data sets; returns false if they are damaged.
    func readIPTC(_ bytes: [UInt8]) -> Bool { cexiv2_read_iptc(pointer, bytes, bytes.count) == 0 }

    /// Reads an XMP packet; returns false if it is damaged.
    func readXMP(_ bytes: [UInt8]) -> Bool { cexiv2_read_xmp(pointer, bytes, bytes.count) == 0 }

    /// Whether a value of this type conforms to the EXIF standard.
    static func hasStandardType(_ tag: ExifTag) -> Bool {
        let directory = cexiv2_directory(rawValue: UInt32(tag.directory.rawValue))
        let standard = UInt16(cexiv2_standard_type(directory, tag.number))
        return standard == 0 || standard == tag.type
    }

    /// Removes every IPTC data set whose key ("Iptc.Application2.City") and value `matches` accepts; returns their
    /// number, or nil if Exiv2 failed.
    func removeIPTC(where matches: @escaping (_ key: String, _ value: String) -> Bool) -> Int? {
        remove(with: cexiv2_remove_iptc, where: matches)
    }

    /// Removes every XMP property whose key ("Xmp.dc.title") and value `matches` accepts; returns their number, or nil
    /// if Exiv2 failed.
    func removeXMP(where matches: @escaping (_ key: String, _ value: String) -> Bool) -> Int? {
        remove(with: cexiv2_remove_xmp, where: matches)
    }

    /// The IPTC data sets; nil if there are none or Exiv2 failed.
    var iptc: [UInt8]? { bytes(from: cexiv2_write_iptc) }

    /// The XMP packet without its wrapper; nil if it has no properties or Exiv2 failed.
    var xmp: [UInt8]? { bytes(from: cexiv2_write_xmp) }

    private typealias Callback =
        @convention(c) (
            UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafeMutableRawPointer?
        ) -> Int32

    private final class Matcher {
        let matches: (String, String) -> Bool
        init(_ matches: @escaping (String, String) -> Bool) { self.matches = matches }
    }

    private func remove(
        with operation: (OpaquePointer?, Callback?, UnsafeMutableRawPointer?) -> Int32,
        where matches: @escaping (String, String) -> Bool
    ) -> Int? {
        let matcher = Matcher(matches)
        let count = operation(
            pointer,
            { key, value, context in
                guard let key, let value, let context else { return 0 }
                let matcher = Unmanaged<Matcher>.fromOpaque(context).takeUnretainedValue()
                return matcher.matches(String(cString: key), String(cString: value)) ? 1 : 0
            }, Unmanaged.passUnretained(matcher).toOpaque())
        return withExtendedLifetime(matcher) { count < 0 ? nil : Int(count) }
    }

    private func bytes(
        from operation: (OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<Int>?) ->
            Int32
    ) -> [UInt8]? {
        var start: UnsafePointer<UInt8>?
        var count = 0
        guard operation(pointer, &start, &count) == 0, let start, count > 0 else { return nil }
        return Array(UnsafeBufferPointer(start: start, count: count))
    }
}
