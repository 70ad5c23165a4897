/// Removes the GPS position and the outdated orientation from an XMP packet, without a full XML parser.
///
/// A property is either an attribute, `exif:GPSLatitude="48,8N"`, or an element,
/// `<exif:GPSLatitude>48,8N</exif:GPSLatitude>`. Both forms are removed. If the packet mentions GPS in any other form,
/// the whole packet is dropped, so that no position is kept by mistake.
enum XMPFilter {
    static func filtered(_ packet: [UInt8], keepsLocation: Bool) -> [UInt8] {
        var bytes = removingProperties(from: packet) { $0 == "tiff:Orientation" }
        if !keepsLocation {
            bytes = removingProperties(from: bytes) { $0.hasPrefix("exif:GPS") }
            if String(decoding: bytes, as: UTF8.self).containsText("GPS") { return [] }
        }
        return bytes
    }

    /// The orientation that a packet states, 1 to 8.
    static func orientation(_ packet: [UInt8]) -> Int? {
        let name = Array("tiff:Orientation".utf8)
        guard packet.count > name.count + 3,
            let start = (0..<(packet.count - name.count - 3)).first(where: { packet[$0...].starts(with: name) })
        else { return nil }
        // The value follows the name as `="6"` or `>6<`.
        let value = packet[(start + name.count)...].prefix(4)
        guard let digit = value.first(where: { (0x30...0x39).contains($0) }), (0x31...0x38).contains(digit) else {
            return nil
        }
        return Int(digit) - 0x30
    }

    /// Removes the properties whose names match. The time must be linear in the packet's length, because packets are
    /// untrusted and may be as long as a file.
    private static func removingProperties(from bytes: [UInt8], where matches: (String) -> Bool) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        // False once a property without an end has been found. From then on, no further properties are searched for:
        // each search for an end could run through the whole packet again, which would make the time quadratic. The
        // caller checks the remaining bytes for "GPS".
        var isClosed = true
        while index < bytes.count {
            var end: Int?
            if isClosed, isSpace(bytes[index]), let name = attributeName(bytes, from: index + 1, where: matches) {
                end = attributeEnd(bytes, name: name)
                isClosed = end != nil
            } else if isClosed, bytes[index] == UInt8(ascii: "<"),
                let name = elementName(bytes, from: index + 1, where: matches)
            {
                end = elementEnd(bytes, name: name)
                isClosed = end != nil
            }
            if let end {
                index = end
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return result
    }

    /// The name in `name="value"`.
    private static func attributeName(
        _ bytes: [UInt8], from start: Int, where matches: (String) -> Bool
    ) -> Range<Int>? {
        let nameEnd = endOfName(bytes, from: start)
        guard nameEnd > start, nameEnd + 1 < bytes.count, bytes[nameEnd] == UInt8(ascii: "="),
            bytes[nameEnd + 1] == UInt8(ascii: "\"") || bytes[nameEnd + 1] == UInt8(ascii: "'"),
            matches(text(bytes[start..<nameEnd]))
        else { return nil }
        return start..<nameEnd
    }

    /// The index after `name="value"`.
    private static func attributeEnd(_ bytes: [UInt8], name: Range<Int>) -> Int? {
        bytes[(name.upperBound + 2)...].firstIndex(of: bytes[name.upperBound + 1]).map { $0 + 1 }
    }

    /// The name in `<name ...>`.
    private static func elementName(_ bytes: [UInt8], from start: Int, where matches: (String) -> Bool) -> Range<Int>? {
        let nameEnd = endOfName(bytes, from: start)
        return nameEnd > start && matches(text(bytes[start..<nameEnd])) ? start..<nameEnd : nil
    }

    /// The index after `<name ...>...</name>` or `<name .../>`.
    private static func elementEnd(_ bytes: [UInt8], name: Range<Int>) -> Int? {
        guard let close = bytes[name.upperBound...].firstIndex(of: UInt8(ascii: ">")) else { return nil }
        if bytes[close - 1] == UInt8(ascii: "/") { return close + 1 }
        let ending = Array("</".utf8) + bytes[name] + [UInt8(ascii: ">")]
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
