@testable import Imaging

/// IPTC data as JPEG files contain them.
enum IPTCSamples {
    /// Data sets: a version, captions, and the place in a city.
    static func dataSets(_ captions: [String], place: String = "Pier") -> [UInt8] {
        dataSet(0, [0, 4]) + dataSet(92, Array(place.utf8)) + captions.flatMap { dataSet(120, Array($0.utf8)) }
    }

    private static func dataSet(_ number: UInt8, _ value: [UInt8]) -> [UInt8] {
        [0x1C, 2, number] + BigEndian.bytes(value.count, 2) + value
    }

    /// Photoshop's blocks: the data sets and, if given, copies of an EXIF block and an XMP packet and a thumbnail.
    static func photoshopBlocks(
        _ dataSets: [UInt8], exif: [UInt8]? = nil, xmp: [UInt8]? = nil, thumbnail: [UInt8]? = nil
    ) -> [UInt8] {
        var bytes = block(0x0404, dataSets)
        if let thumbnail { bytes += block(0x040C, thumbnail) }
        if let exif { bytes += block(0x0422, exif) }
        if let xmp { bytes += block(0x0424, xmp) }
        return bytes
    }

    private static func block(_ number: Int, _ data: [UInt8]) -> [UInt8] {
        Array("8BIM".utf8) + BigEndian.bytes(number, 2) + [0, 0] + BigEndian.bytes(data.count, 4) + data
            + (data.count % 2 == 1 ? [0] : [])
    }
}
