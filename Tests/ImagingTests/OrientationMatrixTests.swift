import CVips
import Foundation
import Testing

@testable import Imaging

extension LibvipsTests {
    /// Every kind of image in every orientation, compared with libvips' own conversions.
    @Suite("Orientation and colours")
    struct OrientationMatrixTests {
        enum Kind: String, CaseIterable, Sendable {
            case grey, rgb, rgba, palette, cmyk, sixteenBit, greySixteenBit, profile, paletteWithAlpha, rgbaSixteenBit
            case greyWithAlpha
        }

        static let width = 23
        static let height = 17

        /// Writes an image of the kind and returns its path and the format.
        private func write(_ kind: Kind, orientation: Int, in folder: TemporaryFolder) throws -> String {
            let path = folder.file("image")
            func image(_ bands: Int, _ space: VipsInterpretation, sixteenBit: Bool = false) throws -> TestImage {
                let image = try TestImage(
                    width: Self.width, height: Self.height, bands: bands, sixteenBit: sixteenBit, space: space)
                image.image.set("orientation", orientation)
                return image
            }
            func savePNG(_ image: TestImage, _ options: [String: String] = [:]) throws {
                try image.save("pngsave", to: path, options)
                let tagged = PNGSurgery.inserting(
                    "eXIf", PNGSurgery.exif(orientation: orientation), into: try bytes(of: path))
                try Data(tagged).write(to: URL(fileURLWithPath: path))
            }
            switch kind {
            case .grey: try image(1, VIPS_INTERPRETATION_B_W).save("jpegsave", to: path)
            case .rgb: try image(3, VIPS_INTERPRETATION_sRGB).save("jpegsave", to: path)
            case .rgba: try image(4, VIPS_INTERPRETATION_sRGB).save("webpsave", to: path, ["lossless": "true"])
            case .cmyk: try image(4, VIPS_INTERPRETATION_CMYK).save("jpegsave", to: path)
            case .palette: try savePNG(image(3, VIPS_INTERPRETATION_sRGB), ["palette": "true"])
            case .paletteWithAlpha: try savePNG(image(4, VIPS_INTERPRETATION_sRGB), ["palette": "true"])
            case .greyWithAlpha: try savePNG(image(2, VIPS_INTERPRETATION_B_W))
            case .sixteenBit: try savePNG(image(3, VIPS_INTERPRETATION_RGB16, sixteenBit: true))
            case .rgbaSixteenBit: try savePNG(image(4, VIPS_INTERPRETATION_RGB16, sixteenBit: true))
            case .greySixteenBit:
                try image(1, VIPS_INTERPRETATION_GREY16, sixteenBit: true).save("tiffsave", to: path)
            case .profile:
                try image(3, VIPS_INTERPRETATION_sRGB).save("jpegsave", to: path, ["profile": "p3"])
            }
            return path
        }

        /// The same file, decoded by libvips alone.
        private func expected(_ kind: Kind, orientation: Int, path: String) throws -> [UInt8] {
            let handle = try #require(FileHandle(forReadingAtPath: path))
            let source = try #require(vips_source_new_from_descriptor(handle.fileDescriptor))
            defer { g_object_unref(source) }
            let pointer =
                switch kind {
                case .grey, .rgb, .cmyk, .profile: srgan_vips_load_jpeg(source, VIPS_FAIL_ON_NONE)
                case .rgba: srgan_vips_load_webp(source, VIPS_FAIL_ON_NONE)
                case .greySixteenBit: srgan_vips_load_tiff(source, VIPS_FAIL_ON_NONE, 0)
                default: srgan_vips_load_png(source, VIPS_FAIL_ON_NONE)
                }
            let lazy = try #require(OwnedImage.make(pointer), "\(VipsRuntime.takeErrorText())")
            var image = TestImage(try lazy.applying("Loading") { vips_image_copy_memory($0) })
            image = try image.applying("copy")
            image.image.set("orientation", orientation)
            image = try image.applying("autorot")
            if kind == .cmyk || kind == .profile {
                image = try image.applying(
                    "icc_transform",
                    [
                        "output-profile": "srgb", "embedded": "true", "input-profile": kind == .cmyk ? "cmyk" : "srgb",
                        "black-point-compensation": "true",
                    ])
            }
            return try image.memory()
        }

        @Test("every kind in every orientation", arguments: Kind.allCases, 1...8)
        func matrix(kind: Kind, orientation: Int) throws {
            let folder = try TemporaryFolder()
            let path = try write(kind, orientation: orientation, in: folder)
            let expected = try expected(kind, orientation: orientation, path: path)
            for decodeAheadLimit in [0, 1 << 20] {
                let options = DecodeOptions(
                    allowedFormats: Set(ImageFormat.allCases), decodeAheadLimit: decodeAheadLimit)
                try withReader(path, options) { reader in
                    #expect(reader.width == (orientation > 4 ? Self.height : Self.width))
                    #expect(reader.height == (orientation > 4 ? Self.width : Self.height))
                    let isClear = [.rgba, .paletteWithAlpha, .rgbaSixteenBit, .greyWithAlpha].contains(kind)
                    #expect(reader.layout.hasAlpha == isClear)
                    let isGrey = [.grey, .greySixteenBit, .greyWithAlpha].contains(kind)
                    #expect(reader.layout.colours == (isGrey ? 1 : 3))
                    let isDeep = [.sixteenBit, .greySixteenBit, .rgbaSixteenBit].contains(kind)
                    #expect(reader.layout.bits == (isDeep ? 16 : 8))
                    let rows = try allRows(reader)
                    let wanted: [UInt8] = expected
                    #expect(rows == wanted)
                    #expect(reader.notes.contains { $0.contains("CMYK") } == (kind == .cmyk))
                }
            }
        }
    }
}
