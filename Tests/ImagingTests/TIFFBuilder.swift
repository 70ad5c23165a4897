/// Builds TIFF files whose directories stand before their pixels, which libtiff writes the other way round.
enum TIFFBuilder {
    /// One image of a file: its tags, each with 16-bit or 32-bit values, and its data, which becomes one strip.
    struct Page {
        var tags: [Int: [Int]]
        var data: [UInt8]

        /// A page with the tags that every image needs.
        init(
            width: Int, height: Int, bits: [Int], photometric: Int, compression: Int = 1, extra: [Int: [Int]] = [:],
            data: [UInt8]
        ) {
            self.data = data
            tags = [
                256: [width], 257: [height], 258: bits, 259: [compression], 262: [photometric], 277: [bits.count],
                278: [height], 279: [data.count],
            ]
            tags.merge(extra) { $1 }
        }
    }

    /// A little-endian file.
    static func file(_ pages: [Page]) -> [UInt8] {
        var directories: [UInt8] = []
        let sizes = pages.map { page in
            2 + 12 * (page.tags.count + 1) + 4 + page.tags.values.reduce(0) { $0 + ($1.count > 1 ? 4 * $1.count : 0) }
        }
        var dataStart = 8 + sizes.reduce(0, +)
        for (page, size) in zip(pages, sizes) {
            let start = 8 + directories.count
            var values: [UInt8] = []
            let valuesStart = start + 2 + 12 * (page.tags.count + 1) + 4
            var entries: [UInt8] = []
            for (tag, numbers) in page.tags.merging([273: [dataStart]], uniquingKeysWith: { $1 }).sorted(by: {
                $0.key < $1.key
            }) {
                entries += little(tag, 2) + little(4, 2) + little(numbers.count, 4)
                if numbers.count == 1 {
                    entries += little(numbers[0], 4)
                } else {
                    entries += little(valuesStart + values.count, 4)
                    values += numbers.flatMap { little($0, 4) }
                }
            }
            let isLast = directories.count + size == sizes.reduce(0, +)
            directories += little(page.tags.count + 1, 2) + entries + little(isLast ? 0 : start + size, 4) + values
            dataStart += page.data.count
        }
        return Array("II*\0".utf8) + little(8, 4) + directories + pages.flatMap(\.data)
    }

    private static func little(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(value >> (8 * $0) & 0xFF) }
    }
}
