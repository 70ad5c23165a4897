import CVips
import Foundation
import Testing

@testable import Imaging

extension LibvipsTests {
    @Suite("Colour")
    struct ColourTests {
        let folder: TemporaryFolder

        init() throws {
            folder = try TemporaryFolder()
        }

        private func profile(_ name: String) throws -> [UInt8] {
            try VipsRuntime.start()
            var blob: UnsafeMutablePointer<VipsBlob>?
            try #require(srgan_vips_profile_load(name, &blob) == 0)
            var size = 0
            let data = try #require(vips_blob_get(blob, &size))
            defer { vips_area_unref(UnsafeMutableRawPointer(blob!).assumingMemoryBound(to: VipsArea.self)) }
            return Array(UnsafeRawBufferPointer(start: data, count: size))
        }

        @Test("a wide-gamut profile changes colours, and the result has sRGB's profile")
        func wideProfile() throws {
            let image = try TestImage(
                [230, 60, 50, 128, 128, 128], width: 2, height: 1, bands: 3, space: VIPS_INTERPRETATION_sRGB)
            let path = folder.file("p3.png")
            try image.save("pngsave", to: path, ["profile": "p3"])
            try withReader(path) { reader in
                let rows = try allRows(reader)
                // Display P3 (230, 60, 50) is outside sRGB: red saturates and green decreases. Grey stays grey.
                #expect(rows[0] > 240 && rows[1] < 40 && rows[2] < 50)
                #expect(rows[3...].allSatisfy { abs(Int($0) - 128) <= 1 })
                let profile = try #require(reader.metadata.profile)
                #expect(try ProfileProbe.isNearlySRGB(profile, layout: reader.layout))
            }
        }

        @Test("sRGB under any name leaves every bit unchanged")
        func standardProfile() throws {
            let image = try TestImage(width: 64, height: 64, bands: 3, space: VIPS_INTERPRETATION_sRGB)
            let path = folder.file("srgb.png")
            try image.save("pngsave", to: path, ["profile": "srgb"])
            try withReader(path) { reader in
                let rows = try allRows(reader)
                let wanted: [UInt8] = try image.memory()
                #expect(rows == wanted)
                #expect(reader.metadata.profile != nil)
            }
        }

        @Test("a profile for other channels, or of random bytes, is ignored with a note")
        func unfitProfile() throws {
            for (bands, space, bytes) in [
                (1, VIPS_INTERPRETATION_B_W, try profile("p3")),
                (3, VIPS_INTERPRETATION_sRGB, try profile("cmyk")),
                (3, VIPS_INTERPRETATION_sRGB, [UInt8](repeating: 7, count: 500)),
            ] {
                let image = try TestImage(width: 9, height: 9, bands: bands, space: space)
                image.image.set("icc-profile-data", bytes)
                let path = folder.file("\(bands)-\(bytes.count).tif")
                try image.save("tiffsave", to: path)
                try withReader(path, DecodeOptions(allowedFormats: [.tiff])) { reader in
                    let rows = try allRows(reader)
                    let wanted: [UInt8] = try image.memory()
                    #expect(rows == wanted)
                    #expect(reader.metadata.profile == nil)
                    #expect(reader.notes.count == 1)
                }
            }
        }

        @Test("transparency is flattened onto white if the output has no alpha channel", arguments: [false, true])
        func flattening(sixteenBit: Bool) throws {
            let maximum: UInt16 = sixteenBit ? 65_535 : 255
            let image = try TestImage(
                [0, 0, 0, 0, 0, 0, 0, maximum], width: 2, height: 1, bands: 4, sixteenBit: sixteenBit,
                space: sixteenBit ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB)
            let path = folder.file("a.png")
            try image.save("pngsave", to: path)
            try withReader(path, DecodeOptions(flattensAlpha: true)) { reader in
                #expect(!reader.layout.hasAlpha && reader.layout.bits == (sixteenBit ? 16 : 8))
                let bytes = sixteenBit ? 6 : 3
                let rows = try allRows(reader)
                let wanted: [UInt8] = Array(repeating: 255, count: bytes) + Array(repeating: 0, count: bytes)
                #expect(rows == wanted)
                #expect(reader.notes.contains { $0.contains("white") })
            }
        }

        @Test("floating-point samples become 16-bit samples")
        func floatSamples() throws {
            let image = try TestImage(width: 8, height: 8, bands: 3, space: VIPS_INTERPRETATION_sRGB)
            let path = folder.file("float.tif")
            try image.applying("colourspace", ["space": "scrgb"]).save("tiffsave", to: path)
            try withReader(path, DecodeOptions(allowedFormats: [.tiff])) { reader in
                #expect(reader.layout == PixelLayout(colours: 3, hasAlpha: false, bits: 16))
                let rows = try allRows(reader)
                let expected = try image.memory()
                for index in expected.indices {
                    #expect(abs(Int(rows[2 * index + 1]) - Int(expected[index])) <= 1)
                }
            }
        }
    }
}
