import CExiv2

/// Exiv2 with the memory for its results.
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

    /// Whether a value of this type conforms to the EXIF standard.
    static func hasStandardType(_ tag: ExifTag) -> Bool {
        let directory = cexiv2_directory(rawValue: UInt32(tag.directory.rawValue))
        let standard = UInt16(cexiv2_standard_type(directory, tag.number))
        return standard == 0 || standard == tag.type
    }

    /// What remains of IPTC data sets or an XMP packet.
    struct Remainder {
        /// The data sets, or the packet without its wrapper; nil if nothing remains.
        var bytes: [UInt8]?
        /// The number of removed data sets or properties.
        var removed: Int
    }

    /// Removes every IPTC data set whose key ("Iptc.Application2.City") and value `matches` accepts; nil if the data are
    /// damaged.
    func filteredIPTC(
        _ bytes: [UInt8], removing matches: @escaping (_ key: String, _ value: String) -> Bool
    ) -> Remainder? {
        filtered(bytes, with: cexiv2_filter_iptc, removing: matches)
    }

    /// Removes every XMP property whose key ("Xmp.dc.title") and value `matches` accepts; nil if the packet is damaged.
    func filteredXMP(
        _ bytes: [UInt8], removing matches: @escaping (_ key: String, _ value: String) -> Bool
    ) -> Remainder? {
        filtered(bytes, with: cexiv2_filter_xmp, removing: matches)
    }

    private typealias Callback =
        @convention(c) (
            UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafeMutableRawPointer?
        ) -> Int32

    private final class Matcher {
        let matches: (String, String) -> Bool
        init(_ matches: @escaping (String, String) -> Bool) { self.matches = matches }
    }

    private typealias Filter = (
        OpaquePointer?, UnsafePointer<UInt8>?, Int, Callback?, UnsafeMutableRawPointer?,
        UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<Int>?
    ) -> Int32

    private func filtered(
        _ bytes: [UInt8], with filter: Filter, removing matches: @escaping (String, String) -> Bool
    ) -> Remainder? {
        let matcher = Matcher(matches)
        var start: UnsafePointer<UInt8>?
        var count = 0
        let removed = withExtendedLifetime(matcher) {
            filter(
                pointer, bytes, bytes.count,
                { key, value, context in
                    guard let key, let value, let context else { return 0 }
                    let matcher = Unmanaged<Matcher>.fromOpaque(context).takeUnretainedValue()
                    return matcher.matches(String(cString: key), String(cString: value)) ? 1 : 0
                }, Unmanaged.passUnretained(matcher).toOpaque(), &start, &count)
        }
        guard removed >= 0 else { return nil }
        let rest = start.map { Array(UnsafeBufferPointer(start: $0, count: count)) } ?? []
        return Remainder(bytes: rest.isEmpty ? nil : rest, removed: Int(removed))
    }
}
