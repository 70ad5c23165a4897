import Foundation
import SystemPackage
import Testing

@testable import Training

/// Event files, read by a decoder that shares no code with the writer. (scripts/fixtures/check_events.py reads such files
/// with TensorBoard itself.)
struct EventFileTests {
    private let folder: TrainingFolder

    init() throws { folder = try TrainingFolder() }

    private struct Damage: Error {}

    /// CRC-32C bit by bit, masked as in TFRecord files.
    private func maskedChecksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var remainder: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            for bit in 0..<8 {
                let isSet = (remainder ^ UInt32(byte) >> UInt32(bit)) & 1 == 1
                remainder = remainder / 2 ^ (isSet ? 0x82F6_3B78 : 0)
            }
        }
        let checksum = ~remainder
        return (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8
    }

    private func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private func records(_ name: String) throws -> [ArraySlice<UInt8>] {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.path.appending(name).string)))
        var records: [ArraySlice<UInt8>] = []
        var offset = 0
        while offset < bytes.count {
            guard offset + 12 <= bytes.count else { throw Damage() }
            let length = Int(number(bytes[offset..<offset + 8]))
            let end = offset + 12 + length
            guard end + 4 <= bytes.count,
                maskedChecksum(bytes[offset..<offset + 8]) == UInt32(number(bytes[offset + 8..<offset + 12])),
                maskedChecksum(bytes[offset + 12..<end]) == UInt32(number(bytes[end..<end + 4]))
            else { throw Damage() }
            records.append(bytes[offset + 12..<end])
            offset = end + 4
        }
        return records
    }

    /// The fields of a message: varints as eight bytes, all others as they are encoded.
    private func fields(_ message: ArraySlice<UInt8>) throws -> [(field: Int, content: ArraySlice<UInt8>)] {
        var rest = message
        func varint() throws -> UInt64 {
            var (value, shift) = (UInt64(0), UInt64(0))
            while let byte = rest.popFirst() {
                value |= UInt64(byte & 0x7F) << shift
                shift += 7
                if byte < 0x80 { return value }
            }
            throw Damage()
        }
        var fields: [(Int, ArraySlice<UInt8>)] = []
        while !rest.isEmpty {
            let key = try varint()
            let content: ArraySlice<UInt8>
            if key & 7 == 0 {
                let value = try varint()
                content = (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }[...]
            } else {
                let count = key & 7 == 1 ? 8 : key & 7 == 5 ? 4 : Int(try varint())
                guard rest.count >= count else { throw Damage() }
                content = rest.prefix(count)
                rest = rest.dropFirst(count)
            }
            fields.append((Int(key >> 3), content))
        }
        return fields
    }

    private func field(_ number: Int, of message: ArraySlice<UInt8>) throws -> ArraySlice<UInt8> {
        try #require(fields(message).first { $0.field == number }?.content)
    }

    private func step(_ event: ArraySlice<UInt8>) throws -> Int { Int(number(try field(2, of: event))) }

    @Test func checksumsAreCastagnolis() {
        #expect(RecordFile.checksum(Array("123456789".utf8)) == 0xE306_9283)
        #expect(RecordFile.checksum([]) == 0)
    }

    @Test func scalarsAndImagesAreThere() throws {
        let file = try EventFile(in: folder.path, firstStep: 1)
        try file.append(step: 300, scalars: ["loss/l_g_pix": 0.125, "validation/psnr_y/Set5": 28.5])
        try file.append(step: 400, tag: "samples", png: [1, 2, 3], width: 300, height: 200)
        let events = try records("events.out.tfevents.0000000001.srgan")
        #expect(events.count == 4)
        #expect(String(decoding: try field(3, of: events[0]), as: UTF8.self) == "brain.Event:2")
        let now = Double(bitPattern: number(try field(1, of: events[2])))
        #expect(abs(now - Date().timeIntervalSince1970) < 3600)
        #expect(try step(events[2]) == 300)
        let values = try fields(field(5, of: events[2])).map(\.content)
        #expect(
            try values.map { String(decoding: try field(1, of: $0), as: UTF8.self) }
                == ["loss/l_g_pix", "validation/psnr_y/Set5"])
        #expect(try values.map { Float(bitPattern: UInt32(number(try field(2, of: $0)))) } == [0.125, 28.5])
        let image = try field(4, of: field(1, of: field(5, of: events[3])))
        #expect(try (1...3).map { Int(number(try field($0, of: image))) } == [200, 300, 3])
        #expect(try field(4, of: image) == [1, 2, 3])
    }

    /// A second start writes its own file, which states from which step on the first file's content is invalid.
    @Test func startsFollowEachOther() throws {
        _ = try EventFile(in: folder.path, firstStep: 1)
        let second = try EventFile(in: folder.path, firstStep: 301)
        try second.append(step: 400, scalars: ["a": 1])
        let events = try records("events.out.tfevents.0000000002.srgan")
        #expect(try step(events[1]) == 301)
        // SessionLog.START
        #expect(number(try field(1, of: field(7, of: events[1]))) == 1)
        #expect(try step(events[2]) == 400)
        #expect(try records("events.out.tfevents.0000000001.srgan").count == 2)
    }
}
