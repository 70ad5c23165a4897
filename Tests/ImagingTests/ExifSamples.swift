@testable import Imaging

/// EXIF blocks that contain a position.
enum ExifSamples {
    /// The directory that points to the GPS directory.
    enum Place: CaseIterable {
        case first, photo, thumbnail
    }

    /// A block with a camera, an orientation, a description, a GPS directory of one latitude, and a thumbnail
    /// directory.
    ///
    /// - place: the directory with the pointer to the GPS directory. The EXIF standard allows only the first one.
    static func block(littleEndian: Bool, place: Place = .first, makerNote: [UInt8] = []) -> [UInt8] {
        let order = Order(isLittle: littleEndian)
        let pointer: UInt16 = 0x8825
        var first: [Entry] = [
            Entry(0x010F, text: "Lighthouse"), Entry(0x0112, short: 6, order), Entry(0x013B, text: "Keeper"),
            Entry(0x8769, long: 0, order),
        ]
        var photo = [Entry(0x9003, text: "2020:01:02 03:04:05")]
        var thumbnail = [Entry(0x0103, short: 6, order)]
        if !makerNote.isEmpty { photo.append(Entry(0x927C, 7, makerNote.count, makerNote)) }
        switch place {
        case .first: first.append(Entry(pointer, long: 0, order))
        case .photo: photo.insert(Entry(pointer, long: 0, order), at: 0)
        case .thumbnail: thumbnail.append(Entry(pointer, long: 0, order))
        }
        let gps = [
            Entry(1, text: "N"), Entry(2, 5, 3, [48, 1, 8, 1, 13, 1].flatMap { order.bytes($0, 4) }),
            Entry(3, text: "E"), Entry(4, 5, 3, [11, 1, 34, 1, 30, 1].flatMap { order.bytes($0, 4) }),
        ]
        let start = 8
        let photoStart = start + size(first)
        let thumbnailStart = photoStart + size(photo)
        let gpsStart = thumbnailStart + size(thumbnail)
        func pointing(_ entries: [Entry]) -> [Entry] {
            entries.map { entry in
                switch entry.tag {
                case 0x8769: Entry(entry.tag, long: photoStart, order)
                case pointer: Entry(entry.tag, long: gpsStart, order)
                default: entry
                }
            }
        }
        let header: [UInt8] = littleEndian ? [0x49, 0x49, 0x2A, 0] : [0x4D, 0x4D, 0, 0x2A]
        return header + order.bytes(start, 4)
            + directory(pointing(first), at: start, next: thumbnailStart, order)
            + directory(pointing(photo), at: photoStart, next: 0, order)
            + directory(pointing(thumbnail), at: thumbnailStart, next: 0, order)
            + directory(gps, at: gpsStart, next: 0, order)
    }

    private struct Order {
        var isLittle: Bool
        func bytes(_ value: Int, _ count: Int) -> [UInt8] {
            isLittle ? LittleEndian.bytes(value, count) : BigEndian.bytes(value, count)
        }
    }

    private struct Entry {
        var tag: UInt16
        var type, count: Int
        var value: [UInt8]

        init(_ tag: UInt16, _ type: Int, _ count: Int, _ value: [UInt8]) {
            (self.tag, self.type, self.count, self.value) = (tag, type, count, value)
        }
        init(_ tag: UInt16, text: String) { self.init(tag, 2, text.utf8.count + 1, Array(text.utf8) + [0]) }
        init(_ tag: UInt16, short: Int, _ order: Order) { self.init(tag, 3, 1, order.bytes(short, 2)) }
        init(_ tag: UInt16, long: Int, _ order: Order) { self.init(tag, 4, 1, order.bytes(long, 4)) }
    }

    private static func size(_ entries: [Entry]) -> Int {
        6 + 12 * entries.count + entries.reduce(0) { $0 + ($1.value.count > 4 ? ($1.value.count + 1) & ~1 : 0) }
    }

    private static func directory(_ entries: [Entry], at start: Int, next: Int, _ order: Order) -> [UInt8] {
        var values: [UInt8] = []
        var result = order.bytes(entries.count, 2)
        for entry in entries.sorted(by: { $0.tag < $1.tag }) {
            result += order.bytes(Int(entry.tag), 2) + order.bytes(entry.type, 2) + order.bytes(entry.count, 4)
            if entry.value.count <= 4 {
                result += entry.value + [UInt8](repeating: 0, count: 4 - entry.value.count)
            } else {
                result += order.bytes(start + 6 + 12 * entries.count + values.count, 4)
                values += entry.value + (entry.value.count % 2 == 1 ? [0] : [])
            }
        }
        return result + order.bytes(next, 4) + values
    }
}
