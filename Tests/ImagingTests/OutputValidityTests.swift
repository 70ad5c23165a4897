import CVips
import Foundation
import Testing

@testable import Imaging

extension LibvipsTests {
    /// Outputs of every format, from images of every format, depth, colour model and metadata container, checked by the
    /// formats' own programs.
    @Suite("Valid outputs")
    struct OutputValidityTests {
        let folder: TemporaryFolder

        init() throws {
            folder = try TemporaryFolder()
            for name in ["in", "out"] {
                try FileManager.default.createDirectory(
                    atPath: folder.file(name), withIntermediateDirectories: false)
            }
        }

        /// Images of 8 x 8 pixels in every format, depth and colour model that libvips can write.
        private func images() throws -> [String] {
            var names: [String] = []
            func save(_ image: TestImage, _ operation: String, _ name: String, _ options: [String: String] = [:]) throws
            {
                try image.save(operation, to: folder.file("in/" + name), options)
                names.append(name)
            }
            for bands in 1...4 {
                for sixteenBit in [false, true] {
                    let isGrey = bands <= 2
                    let space =
                        switch (isGrey, sixteenBit) {
                        case (true, false): VIPS_INTERPRETATION_B_W
                        case (true, true): VIPS_INTERPRETATION_GREY16
                        case (false, false): VIPS_INTERPRETATION_sRGB
                        case (false, true): VIPS_INTERPRETATION_RGB16
                        }
                    let image = try TestImage(width: 8, height: 8, bands: bands, sixteenBit: sixteenBit, space: space)
                    let name = "\(bands)x\(sixteenBit ? 16 : 8)"
                    try save(image, "pngsave", "\(name).png")
                    try save(image, "tiffsave", "\(name).tif")
                    guard !sixteenBit else { continue }
                    try save(image, "pngsave", "\(name)-interlaced.png", ["interlace": "true"])
                    try save(image, "webpsave", "\(name).webp")
                    try save(image, "webpsave", "\(name)-lossless.webp", ["lossless": "true"])
                    for compression in ["lzw", "deflate", "packbits"] {
                        try save(image, "tiffsave", "\(name)-\(compression).tif", ["compression": compression])
                    }
                    guard bands % 2 == 1 else { continue }
                    try save(image, "jpegsave", "\(name).jpg")
                    try save(image, "jpegsave", "\(name)-progressive.jpg", ["interlace": "true"])
                    try save(image, "tiffsave", "\(name)-big.tif", ["bigtiff": "true"])
                    try save(image, "gifsave", "\(name).gif")
                }
            }
            let colours = try TestImage(width: 8, height: 8, bands: 3, space: VIPS_INTERPRETATION_sRGB)
            let grey = try TestImage(width: 8, height: 8, bands: 1, space: VIPS_INTERPRETATION_B_W)
            try save(colours, "pngsave", "palette.png", ["palette": "true"])
            try save(grey, "pngsave", "bilevel.png", ["bitdepth": "1"])
            try save(grey, "tiffsave", "bilevel.tif", ["bitdepth": "1"])
            try save(colours, "tiffsave", "tiled.tif", ["tile": "true", "tile-width": "16", "tile-height": "16"])
            try save(colours, "tiffsave", "jpeg.tif", ["compression": "jpeg"])
            try save(colours, "jpegsave", "444.jpg", ["subsample-mode": "off"])
            let cmyk = try TestImage(width: 8, height: 8, bands: 4, space: VIPS_INTERPRETATION_CMYK)
            try save(cmyk, "jpegsave", "cmyk.jpg")
            try save(cmyk, "tiffsave", "cmyk.tif")
            return names
        }

        /// Metadata that exiftool writes into copies of the images.
        private static let metadata: [(name: String, options: [String])] = [
            (
                "exif",
                [
                    "-Make=Lighthouse", "-Model=L1", "-Artist=Grösse Äxy", "-Copyright=© Keeper", "-ISO=100",
                    "-DateTimeOriginal=2020:01:02 03:04:05", "-ExposureTime=1/50", "-UserComment=größer",
                    "-FNumber=2.8",
                    "-GPSLatitude=48.1", "-GPSLatitudeRef=N", "-LensModel=L", "-XPTitle=Titel", "-Orientation#=6",
                    "-EXIF:ImageDescription=Großmutter", "-OffsetTime=+01:00", "-SubjectArea=1 2 3 4",
                ]
            ),
            (
                "xmp",
                [
                    "-XMP-dc:Title=Titel", "-XMP-dc:Rights=© Text", "-XMP-dc:Subject=a", "-XMP-dc:Subject=b",
                    "-XMP-xmp:Rating=4", "-XMP-tiff:ImageWidth=8", "-XMP-exif:GPSLatitude=48.1",
                    "-XMP-xmp:CreateDate=2020:01:02 03:04:05", "-XMP-xmpMM:DocumentID=d", "-XMP-iptcCore:Location=Pier",
                    "-XMP-xmpMM:HistoryAction=saved", "-XMP-photoshop:ICCProfileName=Adobe RGB (1998)",
                ]
            ),
            (
                "iptc",
                [
                    "-IPTC:Caption-Abstract=Großmutter", "-IPTC:By-line=Äxy", "-IPTC:Keywords=a", "-IPTC:Keywords=b",
                    "-IPTC:CodedCharacterSet=UTF8", "-IPTC:Sub-location=Pier", "-PNG:Title=Titel", "-Comment=größer",
                    "-PNG-pHYs:PixelsPerUnitX=11811", "-PNG-pHYs:PixelsPerUnitY=11811", "-XResolution=300",
                    "-YResolution=300", "-ResolutionUnit=inches",
                ]
            ),
        ]

        /// Copies the images and lets exiftool write metadata into the copies; returns the names of all files.
        private func sources() throws -> [String] {
            let images = try images()
            var names = images
            for (kind, options) in Self.metadata {
                var copies: [String] = []
                // exiftool writes no metadata into BigTIFF files.
                for name in images where !name.hasSuffix(".gif") && !name.hasSuffix("-big.tif") {
                    let copy = "\(kind)-\(name)"
                    try FileManager.default.copyItem(
                        atPath: folder.file("in/" + name), toPath: folder.file("in/" + copy))
                    copies.append(copy)
                }
                _ = try Tool.run(
                    "exiftool",
                    ["-q", "-q", "-m", "-overwrite_original"] + options + copies.map { folder.file("in/" + $0) })
                names += copies
            }
            return names
        }

        @Test("pngcheck, jpeginfo, webpinfo, tiffinfo and exiftool find nothing wrong")
        func outputs() throws {
            let names = try sources()
            #expect(names.count >= 200)
            var outputs: [ImageFormat: [String]] = [:]
            for name in names {
                for format in ImageFormat.writable {
                    let output = folder.file("out/\(name).\(format.fileExtension)")
                    try Upscaled.copy(folder.file("in/" + name), to: output, format: format)
                    outputs[format, default: []].append(output)
                }
            }
            let png = try Tool.run("pngcheck", ["-q"] + outputs[.png, default: []])
            #expect(png.status == 0 && png.output.isEmpty, "\(png.output.prefix(500))")
            let jpeg = try Tool.run("jpeginfo", ["-c", "-q"] + outputs[.jpeg, default: []])
            let wrong = jpeg.output.split(separator: "\n").filter { !$0.contains(" OK") }
            #expect(jpeg.status == 0 && wrong.isEmpty, "\(wrong.prefix(5))")
            for output in outputs[.webp, default: []] {
                let webp = try Tool.run("webpinfo", ["-quiet", output])
                #expect(webp.status == 0 && webp.output.isEmpty, "\(output): \(webp.output)")
            }
            for output in outputs[.tiff, default: []] {
                let tiff = try Tool.run("tiffinfo", [output])
                #expect(tiff.status == 0 && !tiff.output.contains("Warning"), "\(output): \(tiff.output)")
            }
            let tags = try Tool.tags(in: folder.file("out"), ["-validate", "-warning", "-error"])
            #expect(tags.count == names.count * ImageFormat.writable.count)
            for (name, tags) in tags where tags["ExifTool:Validate"] as? String != "OK" {
                Issue.record("\(name): \(tags.filter { $0.key.contains("Warning") || $0.key.contains("Error") })")
            }
            let positions = ["-gps*", "-geo*", "-*latitude*", "-*longitude*"]
            for (name, tags) in try Tool.tags(in: folder.file("out"), positions) {
                #expect(tags.keys.filter { $0 != "SourceFile" } == [], "\(name)")
            }
        }

        @Test("what the source states is in the outputs")
        func contents() throws {
            let names = ["3x8.jpg", "3x8.png", "3x8.webp", "3x8.tif"].flatMap { name in
                Self.metadata.map { "\($0.name)-\(name)" }
            }
            let all = try sources()
            for name in names where all.contains(name) {
                for format in ImageFormat.writable {
                    try Upscaled.copy(
                        folder.file("in/" + name), to: folder.file("out/\(name).\(format.fileExtension)"),
                        format: format)
                }
            }
            let tags = try Tool.tags(in: folder.file("out"))
            func text(_ name: String, _ tag: String) -> String { tags[name]?[tag].map { "\($0)" } ?? "nothing" }
            for source in ["jpg", "png", "webp", "tif"] {
                for target in ["jpg", "png", "webp", "tif"] {
                    let exif = "exif-3x8.\(source).\(target)"
                    #expect(text(exif, "IFD0:Artist") == "Grösse Äxy", "\(exif)")
                    #expect(text(exif, "IFD0:Copyright") == "© Keeper", "\(exif)")
                    #expect(text(exif, "IFD0:ImageDescription") == "Großmutter", "\(exif)")
                    #expect(text(exif, "ExifIFD:DateTimeOriginal") == "2020:01:02 03:04:05", "\(exif)")
                    #expect(text(exif, "ExifIFD:UserComment") == "größer", "\(exif)")
                    #expect(text(exif, "ExifIFD:ColorSpace") == "sRGB", "\(exif)")
                    let xmp = "xmp-3x8.\(source).\(target)"
                    #expect(text(xmp, "XMP-dc:Title") == "Titel" && text(xmp, "XMP-dc:Rights") == "© Text", "\(xmp)")
                    #expect(
                        text(xmp, "XMP-xmp:Rating") == "4" && text(xmp, "XMP-xmpMM:HistoryAction") == "saved", "\(xmp)")
                    let density = "iptc-3x8.\(source).\(target)"
                    switch target {
                    case "jpg": #expect(text(density, "JFIF:XResolution") == "300", "\(density)")
                    case "png": #expect(text(density, "PNG-pHYs:PixelsPerUnitX") == "11811", "\(density)")
                    case "tif": #expect(text(density, "IFD0:XResolution") == "300", "\(density)")
                    default: break
                    }
                    if ["jpg", "tif"].contains(source) && ["jpg", "tif"].contains(target) {
                        #expect(text(density, "IPTC:Caption-Abstract") == "Großmutter", "\(density)")
                    }
                }
            }
        }

        @Test("a resolution that the source does not state is not in the outputs", arguments: ImageFormat.writable)
        func noResolution(format: ImageFormat) throws {
            let image = try TestImage(width: 8, height: 8, bands: 3, space: VIPS_INTERPRETATION_sRGB)
            // libvips states a resolution in every format except JPEG without metadata.
            try image.save("jpegsave", to: folder.file("in/a.jpg"), ["strip": "true"])
            let output = folder.file("out/a.\(format.fileExtension)")
            try Upscaled.copy(folder.file("in/a.jpg"), to: output, format: format)
            let tags = try Tool.tags(in: folder.file("out"))
            for (name, value) in try #require(tags["a.\(format.fileExtension)"])
            where name.hasSuffix("ResolutionUnit") || name.hasSuffix("PixelUnits") {
                #expect("\(value)" == "None", "\(name) \(value)")
            }
            try withReader(output) { reader in #expect(reader.metadata.horizontalResolution == nil) }
        }
    }
}
