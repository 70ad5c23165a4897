import CVips
import Foundation
import Testing

@testable import Imaging

extension LibvipsTests {
    /// Positions in every place of every format, read back with exiftool, which knows more places than this project.
    @Suite("Positions")
    struct LocationTests {
        let folder: TemporaryFolder
        private let exif = ExifSamples.block(littleEndian: true)
        private let xmp = XMPSamples.packet(
            #"exif:GPSLatitude="48,8.1N" exif:GPSLongitude="11,34.5E" drone-dji:GpsLatitude="48.1" xmp:Rating="4""#,
            "<dc:source>Harbour</dc:source>")

        init() throws { folder = try TemporaryFolder() }

        private func encoded(_ operation: String) throws -> [UInt8] {
            let image = try TestImage(width: 8, height: 8, bands: 3, space: VIPS_INTERPRETATION_sRGB)
            try image.save(operation, to: folder.file("plain"), ["strip": "true"])
            return try bytes(of: folder.file("plain"))
        }

        /// The text by which ImageMagick stores a block of metadata.
        private func rawProfile(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
            let digits = bytes.map { String(UInt16($0) + 256, radix: 16).dropFirst() }.joined()
            return Array("\n\(name)\n    \(bytes.count)\n\(digits)\n".utf8)
        }

        /// Files with a position, each in one place.
        private func samples() throws -> [(name: String, bytes: [UInt8])] {
            let prefix = Array("Exif\0\0".utf8)
            let jpeg = try encoded("jpegsave")
            let thumbnail = Containers.jpeg(jpeg, segments: [(0xE1, prefix + exif)])
            let photoshop = Array("Photoshop 3.0\0".utf8)
            func jpegFile(_ marker: UInt8, _ payload: [UInt8]) -> [UInt8] {
                Containers.jpeg(jpeg, segments: [(marker, payload)])
            }
            var files: [(String, [UInt8])] = [
                ("xmp.jpg", jpegFile(0xE1, Array(JPEGHead.xmpPrefix.utf8) + xmp)),
                ("comment.jpg", jpegFile(0xFE, Array("GPSLatitude: 48.1".utf8))),
                ("iptc.jpg", jpegFile(0xED, photoshop + IPTCSamples.photoshopBlocks(IPTCSamples.dataSets(["a"])))),
                (
                    "blocks.jpg",
                    jpegFile(
                        0xED,
                        photoshop
                            + IPTCSamples.photoshopBlocks(
                                IPTCSamples.dataSets(["a"]), exif: exif, xmp: xmp,
                                thumbnail: [UInt8](repeating: 0, count: 28) + thumbnail))
                ),
                (
                    "note.jpg",
                    jpegFile(
                        0xE1,
                        prefix + ExifSamples.block(littleEndian: true, makerNote: Array("GPSLatitude 48.1".utf8)))
                ),
            ]
            for littleEndian in [true, false] {
                for place in ExifSamples.Place.allCases {
                    let block = ExifSamples.block(littleEndian: littleEndian, place: place)
                    files.append(("exif-\(place)-\(littleEndian).jpg", jpegFile(0xE1, prefix + block)))
                }
            }
            let png = try encoded("pngsave")
            let compressed = try #require(ZlibStream.deflated(rawProfile("exif", prefix + exif)))
            let chunks: [(String, String, [UInt8])] = [
                ("exif", "eXIf", exif), ("xmp", "iTXt", Array("XML:com.adobe.xmp\0\0\0\0\0".utf8) + xmp),
                ("text", "tEXt", Array("exif:GPSLatitude\0".utf8) + Array("48/1, 8/1, 66/5".utf8)),
                ("name", "tEXt", Array("xmp:GPSLongitude\0".utf8) + Array("11,34.5E".utf8)),
                ("raw", "tEXt", Array("Raw profile type exif\0".utf8) + rawProfile("exif", prefix + exif)),
                ("rawz", "zTXt", Array("Raw profile type APP1\0\0".utf8) + compressed),
                ("rawxmp", "tEXt", Array("Raw profile type xmp\0".utf8) + rawProfile("xmp", xmp)),
            ]
            for (name, chunk, data) in chunks {
                files.append(("\(name)-before.png", Containers.png(png, before: [(chunk, data)])))
                files.append(("\(name)-after.png", Containers.png(png, after: [(chunk, data)])))
            }
            let webp = try encoded("webpsave")
            files.append(
                ("both.webp", Containers.webp(webp, width: 8, height: 8, chunks: [("EXIF", exif), ("XMP ", xmp)])))
            files.append(("both.tif", try encoded("tiffsave")))
            return files
        }

        private func isLocation(_ name: String) -> Bool {
            let lower = name.lowercased()
            return ["gps", "latitude", "longitude", "location", "altitude"].contains { lower.contains($0) }
        }

        @Test("exiftool finds no position in any output of any format, unless it is to be kept")
        func everyPlace() throws {
            for name in ["in", "out", "kept"] {
                try FileManager.default.createDirectory(
                    atPath: folder.file(name), withIntermediateDirectories: false)
            }
            let samples = try samples()
            for sample in samples { _ = try folder.write(sample.bytes, to: "in/" + sample.name) }
            // exiftool itself writes the position into the TIFF file.
            let written = try Tool.run(
                "exiftool",
                [
                    "-q", "-overwrite_original", "-GPSLatitude=48.1", "-GPSLatitudeRef=N", "-GPSLongitude=11.5",
                    "-GPSLongitudeRef=E", "-XMP-exif:GPSLatitude=48.1", "-XMP-iptcCore:Location=Pier",
                    "-IPTC:Sub-location=Pier", "-Artist=Keeper", folder.file("in/both.tif"),
                ])
            #expect(written.status == 0, "\(written.output)")
            // Every sample contains a position that exiftool finds; it cannot read the one in a made-up maker note, and
            // knows no name for a comment.
            let before = try Tool.tags(in: folder.file("in"), ["-ee", "-u"])
            for sample in samples
            where !["note.jpg", "comment.jpg", "exif-thumbnail"].contains(where: sample.name.hasPrefix) {
                let tags = try #require(before[sample.name])
                #expect(tags.keys.contains(where: isLocation) || sample.name.contains("raw"), "\(sample.name): \(tags)")
            }
            for sample in samples {
                for format in ImageFormat.writable {
                    let name = "/\(sample.name).\(format.fileExtension)"
                    let source = folder.file("in/" + sample.name)
                    let notes = try Upscaled.copy(source, to: folder.file("out") + name, format: format)
                    let expected = "The position where the image was taken was removed from the metadata."
                    let isHidden =
                        sample.name.hasPrefix("blocks") || sample.name.hasPrefix("exif-photo")
                        || sample.name.hasPrefix("exif-thumbnail")
                    #expect(notes.contains(expected) || isHidden, "\(name): \(notes)")
                    try Upscaled.copy(
                        source, to: folder.file("kept") + name, format: format,
                        policy: .init(keepsMetadata: true, keepsLocation: true))
                    let content = String(decoding: try bytes(of: folder.file("out") + name), as: UTF8.self).lowercased()
                    #expect(!content.contains("gps") && !content.contains("pier"), "\(name)")
                }
            }
            let after = try Tool.tags(in: folder.file("out"), ["-ee", "-u"])
            #expect(after.count == samples.count * ImageFormat.writable.count)
            for (name, tags) in after {
                #expect(!tags.keys.contains(where: isLocation), "\(name): \(tags.keys.filter(isLocation))")
                #expect(!tags.keys.contains { $0.lowercased().contains("thumbnail") }, "\(name)")
            }
            let kept = try Tool.tags(in: folder.file("kept"))
            for name in ["both.webp", "both.tif", "exif-first-true.jpg", "xmp.jpg", "exif-after.png"] {
                for format in ImageFormat.writable {
                    let tags = try #require(kept["\(name).\(format.fileExtension)"])
                    #expect(tags.keys.contains(where: isLocation), "\(name) \(format)")
                }
            }
        }
    }
}
