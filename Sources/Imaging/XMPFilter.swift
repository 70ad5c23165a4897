/// Takes out of an XMP packet what is no longer true, or nobody's business, without parsing XML as such.
///
/// A property stands either as an attribute, `exif:GPSLatitude="48,8N"`, or as an element,
/// `<exif:GPSLatitude>48,8N</exif:GPSLatitude>`. Both are cut out; anything that does not look like one of the two stays,
/// and then the packet as a whole is dropped rather than let a place slip through.
enum XMPFilter {
    static func filtered(_ packet: [UInt8], keepsLocation: Bool) -> [UInt8] {
        var bytes = packet
        removeProperties(in: &bytes) { $0 == "tiff:Orientation" }
        if !keepsLocation {
            removeProperties(in: &bytes) { $0.hasPrefix("exif:GPS") }
            if String(decoding: bytes, as: UTF8.self).containsText("GPS") { return [] }
        }
        return bytes
    }

    private static func removeProperties(in bytes: inout [UInt8], where matches: (String) -> Bool) {
        var index = 0
        while index < bytes.count {
            if isSpace(bytes[index]), let end = attributeEnd(bytes, from: index + 1, where: matches) {
                bytes.removeSubrange(index..<end)
            } else if bytes[index] == UInt8(ascii: "<"), let end = elementEnd(bytes, from: index, where: matches) {
                bytes.removeSubrange(index..<end)
            } else {
                index += 1
            }
        }
    }

    /// The index after ` name="value"`.
    private static func attributeEnd(_ bytes: [UInt8], from start: Int, where matches: (String) -> Bool) -> Int? {
        let nameEnd = endOfName(bytes, from: start)
        guard nameEnd > start, nameEnd + 1 < bytes.count, bytes[nameEnd] == UInt8(ascii: "="),
            matches(text(bytes[start..<nameEnd]))
        else { return nil }
        let quote = bytes[nameEnd + 1]
        guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"),
            let close = bytes[(nameEnd + 2)...].firstIndex(of: quote)
        else { return nil }
        return close + 1
    }

    /// The index after `<name ...>...</name>` or `<name .../>`.
    private static func elementEnd(_ bytes: [UInt8], from start: Int, where matches: (String) -> Bool) -> Int? {
        let nameEnd = endOfName(bytes, from: start + 1)
        guard nameEnd > start + 1, matches(text(bytes[(start + 1)..<nameEnd])),
            let close = bytes[nameEnd...].firstIndex(of: UInt8(ascii: ">"))
        else { return nil }
        if bytes[close - 1] == UInt8(ascii: "/") { return close + 1 }
        let ending = Array("</".utf8) + bytes[(start + 1)..<nameEnd] + [UInt8(ascii: ">")]
        guard bytes.count - close >= ending.count else { return nil }
        return (close...(bytes.count - ending.count)).first { bytes[$0...].starts(with: ending) }.map {
            $0 + ending.count
        }
    }

    private static func endOfName(_ bytes: [UInt8], from start: Int) -> Int {
        var index = start
        while index < bytes.count, isNameByte(bytes[index]) { index += 1 }
        return index
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ":"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { [0x09, 0x0A, 0x0D, 0x20].contains(byte) }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
