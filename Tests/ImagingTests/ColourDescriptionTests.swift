import CVips
import Foundation
import Testing

@testable import Imaging

extension LibvipsTests {
    /// What files say about their colours and pages outside an ICC profile.
    @Suite("Colour descriptions")
    struct ColourDescriptionTests {
        private static let colour: [UInt16] = [180, 90, 40]
        let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        private struct Result {
            var first: [UInt8]
            var layout: PixelLayout
            var width: Int
            var notes: [String]
            var metadata: ImageMetadata
        }

        private func read(_ content: [UInt8]) throws -> Result {
            let path = try folder.write(content, to: "a")
            return try withReader(path, DecodeOptions(allowedFormats: Set(ImageFormat.allCases))) { reader in
                let rows = try allRows(reader)
                return Result(
                    first: Array(rows.prefix(reader.layout.bytesPerPixel)), layout: reader.layout, width: reader.width,
                    notes: reader.notes, metadata: reader.metadata)
            }
        }

        private func flat(_ samples: [UInt16], width: Int = 16, height: Int = 16) throws -> TestImage {
            try TestImage(
                (0..<(width * height)).flatMap { _ in samples }, width: width, height: height, bands: samples.count,
                space: samples.count == 1 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB)
        }

        private func encoded(_ image: TestImage, _ operation: String) throws -> [UInt8] {
            try image.save(operation, to: folder.file("source"), operation == "jpegsave" ? ["Q": "100"] : [:])
            return try bytes(of: folder.file("source"))
        }

        private func isNear(_ first: [UInt8], _ wanted: [Double], _ tolerance: Double = 2) -> Bool {
            first.count == wanted.count && zip(first, wanted).allSatisfy { abs(Double($0) - $1) <= tolerance }
        }

        @Test(
            "a grey profile in a colour image is ignored", arguments: ["jpegsave", "webpsave", "tiffsave"])
        func greyProfile(operation: String) throws {
            var grey = MatrixProfile.sRGBPrimaries(exponent: 1.2)
            grey.isGrey = true
            let image = try flat(Self.colour)
            image.image.set("icc-profile-data", try #require(grey.bytes))
            let result = try read(encoded(image, operation))
            #expect(isNear(result.first, [180, 90, 40], 8), "\(result.first)")
            #expect(result.notes == ["The embedded colour profile does not fit the image and was ignored."])
            #expect(result.metadata.profile == nil)
        }

        @Test("a profile cut short is ignored")
        func cutProfile() throws {
            let whole = try #require(MatrixProfile.sRGBPrimaries(exponent: 1.2).bytes)
            let image = try flat(Self.colour)
            image.image.set("icc-profile-data", Array(whole.prefix(260)))
            let result = try read(encoded(image, "jpegsave"))
            #expect(result.notes.count == 1 && result.metadata.profile == nil)
            #expect(isNear(result.first, [180, 90, 40]))
        }

        @Test("Adobe RGB that only EXIF states is converted")
        func adobeRGB() throws {
            let image = try flat(Self.colour)
            image.image.set("exif-ifd2-ColorSpace", "65535")
            image.image.set("exif-ifd4-InteroperabilityIndex", "R03")
            let result = try read(encoded(image, "jpegsave"))
            // (180, 90, 40) in Adobe RGB is (205, 89, 31) in sRGB.
            #expect(isNear(result.first, [205, 89, 31], 4), "\(result.first)")
            #expect(result.metadata.tag(.photo, 0xA001)?.integer == 65_535)
        }

        @Test("the profile that is made for Adobe RGB has the primaries of its specification")
        func adobePrimaries() throws {
            let bytes = try #require(MatrixProfile.adobeRGB.bytes)
            let start = try #require(
                bytes.indices.dropFirst(128 + 12 * 8).first { bytes[$0...].starts(with: "XYZ ".utf8) })
            // Red, after the white point.
            let red = (0..<3).map { index in
                bytes[(start + 8 + 4 * index)..<(start + 12 + 4 * index)].reduce(0.0) { $0 * 256 + Double($1) }
                    / 65_536
            }
            for (value, wanted) in zip(red, [0.60974, 0.31111, 0.01947]) { #expect(abs(value - wanted) < 0.0005) }
        }

        @Test("PNG's gamma is applied, to colours and grey", arguments: [1.0, 1.8])
        func gamma(exponent: Double) throws {
            for samples in [Self.colour, [90]] {
                let content = PNGSurgery.inserting(
                    "gAMA", big32(Int((100_000 / exponent).rounded())), into: try encoded(flat(samples), "pngsave"))
                let wanted = samples.map { sample in
                    let light = pow(Double(sample) / 255, exponent)
                    return 255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * pow(light, 1 / 2.4) - 0.055)
                }
                let result = try read(content)
                #expect(isNear(result.first, wanted, 2), "\(result.first) \(wanted)")
            }
        }

        @Test("PNG's usual gamma of sRGB changes nothing, nor does a gamma beside an sRGB chunk")
        func standardGamma() throws {
            let plain = try encoded(flat(Self.colour), "pngsave")
            #expect(try read(PNGSurgery.inserting("gAMA", big32(45_455), into: plain)).first == [180, 90, 40])
            let both = PNGSurgery.inserting(
                "sRGB", [0], into: PNGSurgery.inserting("gAMA", big32(100_000), into: plain))
            #expect(try read(both).first == [180, 90, 40])
        }

        @Test("PNG's primaries are applied")
        func primaries() throws {
            // Adobe RGB's, with its exponent.
            let points = [31_270, 32_900, 64_000, 33_000, 21_000, 71_000, 15_000, 6000].flatMap(big32)
            let content = PNGSurgery.inserting(
                "cHRM", points,
                into: PNGSurgery.inserting("gAMA", big32(45_455), into: try encoded(flat(Self.colour), "pngsave")))
            let result = try read(content)
            #expect(isNear(result.first, [205, 89, 31], 4), "\(result.first)")
        }

        @Test("a spot channel is dropped; transparency stays", arguments: [(0, false), (1, true), (2, true)])
        func extraSamples(kind: Int, hasAlpha: Bool) throws {
            let page = TIFFBuilder.Page(
                width: 4, height: 4, bits: [8, 8, 8, 8], photometric: 2, extra: [338: [kind]],
                data: (0..<16).flatMap { _ in [180, 90, 40, 255] as [UInt8] })
            let result = try read(TIFFBuilder.file([page]))
            #expect(result.layout == PixelLayout(colours: 3, hasAlpha: hasAlpha, bits: 8))
            #expect(result.notes.count == (hasAlpha ? 0 : 1))
            #expect(result.first.prefix(3) == [180, 90, 40])
        }

        @Test("32-bit and floating-point grey stays grey", arguments: [1, 3])
        func deepGrey(sampleFormat: Int) throws {
            let sample = sampleFormat == 1 ? UInt32(0x4000_0000) : Float(0.25).bitPattern
            let four = (0..<4).map { UInt8(sample >> (8 * $0) & 0xFF) }
            let page = TIFFBuilder.Page(
                width: 4, height: 4, bits: [32], photometric: 1, extra: [339: [sampleFormat]],
                data: (0..<16).flatMap { _ in four })
            let result = try read(TIFFBuilder.file([page]))
            #expect(result.layout == PixelLayout(colours: 1, hasAlpha: false, bits: 16))
            #expect(result.first[1] == 0x40)
        }

        private func page(_ side: Int, reduced: Bool) -> TIFFBuilder.Page {
            TIFFBuilder.Page(
                width: side, height: side, bits: [8, 8, 8], photometric: 2, extra: [254: [reduced ? 1 : 0]],
                data: [UInt8](repeating: 90, count: 3 * side * side))
        }

        @Test("a thumbnail before the full page of a TIFF file is skipped, and alone it is refused")
        func thumbnail() throws {
            let result = try read(TIFFBuilder.file([page(4, reduced: true), page(16, reduced: false)]))
            #expect(result.width == 16 && result.notes.count == 1)
            let error = #expect(throws: ImagingError.self) { try read(TIFFBuilder.file([page(4, reduced: true)])) }
            #expect(error?.code == .unsupportedFormat)
        }

        @Test("an animated PNG file leads to a note")
        func animation() throws {
            let content = PNGSurgery.inserting(
                "acTL", big32(3) + big32(0), into: try encoded(flat(Self.colour), "pngsave"))
            #expect(try read(content).notes == ["The file has 3 images; only the first one was used."])
        }

        @Test("an orientation that only XMP states is applied")
        func orientation() throws {
            // libvips writes an EXIF orientation into JPEG and WebP files, but not into PNG files.
            let image = try flat(Self.colour, width: 16, height: 8)
            image.image.set(
                "xmp-data", XMPSamples.packet("tiff:Orientation=\"6\"", ""))
            #expect(try read(encoded(image, "pngsave")).width == 8)
        }

        private func big32(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(value >> $0 & 0xFF) } }
    }
}
