extension RawMetadata {
    /// Reads the chunks of a PNG file, before and after the pixels.
    mutating func readPNG(_ file: FileBytes) {
        var rawProfiles: [(name: String, bytes: [UInt8])] = []
        PNGChunks(file: file).forEach { chunk in
            switch chunk.name {
            case "eXIf":
                if let bytes = block(of: file, at: chunk.offset, count: chunk.length, named: "EXIF") { addExif(bytes) }
            case "pHYs": readDensity(file.read(at: chunk.offset, count: 9))
            case "tEXt", "zTXt", "iTXt":
                guard let data = block(of: file, at: chunk.offset, count: chunk.length, named: "text"),
                    let text = Self.text(chunk.name, data)
                else { return }
                if text.keyword == "XML:com.adobe.xmp" {
                    if xmp == nil { xmp = Array(text.text.utf8) }
                } else if text.keyword.hasPrefix("Raw profile type ") {
                    let name = String(text.keyword.dropFirst("Raw profile type ".count))
                    if let bytes = Self.rawProfile(text.text) { rawProfiles.append((name, bytes)) }
                } else {
                    texts.append(text)
                }
            default: break
            }
        }
        // The standard chunks win over ImageMagick's texts, wherever they stand in the file.
        for profile in rawProfiles { addRawProfile(profile.name, profile.bytes) }
    }

    /// Reads pHYs: two numbers and a unit, 1 for pixels per metre.
    private mutating func readDensity(_ bytes: [UInt8]) {
        guard bytes.count == 9, bytes[8] == 1 else { return }
        let (horizontal, vertical) = (BigEndian.number(bytes[..<4]), BigEndian.number(bytes[4..<8]))
        if horizontal > 0 && vertical > 0 { resolution = (Double(horizontal) / 1000, Double(vertical) / 1000) }
    }

    /// Decodes a text chunk; nil if it is damaged.
    private static func text(_ name: String, _ data: [UInt8]) -> ImageText? {
        guard let end = data.firstIndex(of: 0), (1...79).contains(end) else { return nil }
        var rest = data[(end + 1)...]
        var content: [UInt8]?
        switch name {
        case "zTXt" where rest.first == 0: content = ZlibStream.inflated(rest.dropFirst(), limit: largestBlock)
        case "iTXt" where rest.count >= 2:
            let isCompressed = rest[rest.startIndex] == 1
            // After a flag and a method follow the language and the translated keyword, each ended by a zero byte.
            rest = rest.dropFirst(2)
            for _ in 0..<2 {
                guard let end = rest.firstIndex(of: 0) else { return nil }
                rest = rest[(end + 1)...]
            }
            content = isCompressed ? ZlibStream.inflated(rest, limit: largestBlock) : Array(rest)
        case "tEXt": content = Array(rest)
        default: break
        }
        guard let content else { return nil }
        let isUTF8 = name == "iTXt"
        var text = ImageText(
            keyword: ImageText.latin1(data[..<end]),
            text: isUTF8 ? ImageText.decoded(content) : ImageText.latin1(content))
        text.chunk = ImageText.Chunk(name: name, data: data)
        return text
    }

    /// Decodes a block of metadata that ImageMagick wrote as a text: a line with a name, a line with a length, and
    /// hexadecimal digits.
    private static func rawProfile(_ text: String) -> [UInt8]? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: true)
        guard lines.count >= 3 else { return nil }
        var digits: [UInt8] = []
        for line in lines[2...] { digits += line.utf8.compactMap { UInt8(hexDigit: $0) } }
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    private mutating func addRawProfile(_ name: String, _ bytes: [UInt8]) {
        let xmpPrefix = Array(JPEGHead.xmpPrefix.utf8)
        switch name.lowercased() {
        case "exif", "app1":
            if bytes.starts(with: xmpPrefix) {
                if xmp == nil { xmp = Array(bytes.dropFirst(xmpPrefix.count)) }
            } else {
                addExif(bytes)
            }
        case "xmp": if xmp == nil { xmp = bytes }
        case "iptc", "8bim":
            if bytes.starts(with: "8BIM".utf8) {
                addPhotoshopBlocks(bytes)
            } else if iptc == nil {
                iptc = bytes
            }
        default: break
        }
    }
}

extension UInt8 {
    /// The value of a hexadecimal digit; nil for any other character.
    fileprivate init?(hexDigit: UInt8) {
        switch hexDigit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self = hexDigit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self = hexDigit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self = hexDigit - UInt8(ascii: "A") + 10
        default: return nil
        }
    }
}
