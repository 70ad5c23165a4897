import LinuxSupport
import SystemPackage
import Testing

@testable import ServiceConfiguration
@testable import UpscaleDaemon

@Suite struct OutputNamingTests {
    @Test(arguments: [
        ("{stem}{extension}", "a.JPG", InboxConfiguration.Format.same, "a.JPG"),
        ("{stem}{extension}", "a.jpeg", .jpg, "a.jpeg"),
        ("{stem}{extension}", "a.jpeg", .png, "a.png"),
        ("{stem}{extension}", "noextension", .png, "noextension.png"),
        ("{stem}{extension}", "a.b.tar.webp", .tif, "a.b.tar.tif"),
        ("{stem}_x{scale}{extension}", "a.png", .same, "a_x4.png"),
        ("{stem}_{scale}{extension}", "a.png", .same, "a_4.png"),
        ("{model}-{stem}{extension}", "a.png", .same, "net-a.png"),
        ("{stem}{extension}", "-rf.png", .same, "-rf.png"),
    ])
    func patterns(pattern: String, original: String, format: InboxConfiguration.Format, expected: String) throws {
        let name = try OutputNaming(pattern: pattern).name(
            for: FilePath.Component(original)!, format: format, models: ["/models/net.safetensors"])
        #expect(OutputNaming.finalName(name, id: 1, scale: 4, format: nil) == FilePath.Component(expected)!)
    }

    @Test(arguments: [1, 2, 16])
    func theScaleIsThatOfTheModel(scale: Int) throws {
        let name = try OutputNaming(pattern: "{stem}_x{scale}{extension}").name(
            for: FilePath.Component("a.png"), format: .same, models: ["m"])
        #expect(
            OutputNaming.finalName(name, id: 1, scale: scale, format: "png")
                == FilePath.Component("a_x\(scale).png"))
    }

    @Test(arguments: [
        "{stem}", "{extension}", "x{extension}", "{stem}{ext}{extension}", "{stem/{extension}", "../{stem}{extension}",
        ".{stem}{extension}", "{extension}{stem}",
    ])
    func badPatternsAreRefused(pattern: String) {
        #expect(throws: OutputNaming.PatternError.self) { try OutputNaming(pattern: pattern) }
    }

    @Test(arguments: [
        ("a.jpg", "png", "a.png"), ("a.JPEG", "jpeg", "a.JPEG"), ("a.jpg", "jpeg", "a.jpg"), ("a", "webp", "a.webp"),
        ("holiday.2024", "png", "holiday.2024.png"), ("a.tiff", "tiff", "a.tiff"),
    ])
    func theExtensionFollowsWhatTheWorkerWrote(name: String, format: String, expected: String) {
        let final = OutputNaming.finalName(FilePath.Component(name)!, id: 1, scale: 4, format: format)
        #expect(final == FilePath.Component(expected)!)
    }

    @Test func theIdIsPutIntoTheFinalName() throws {
        let name = try OutputNaming(pattern: "{id}-{stem}{extension}").name(
            for: FilePath.Component("a{id}.png"), format: .same, models: ["m"])
        #expect(OutputNaming.finalName(name, id: 42, scale: 4, format: "png") == FilePath.Component("42-a{id}.png"))
    }

    @Test func namesThatAreNotUTF8StayTheSameBytes() throws {
        let bytes: [UInt8] = [0x66, 0xFF, 0xFE, 0x0A, 0x2E, 0x70, 0x6E, 0x67]
        let name = OutputNaming.default.name(for: FilePath.Component(bytes: bytes), format: .same, models: ["m"])
        #expect(name.bytes == bytes)
    }

    @Test func alternativesKeepTheExtension() {
        #expect(OutputNaming.alternative(FilePath.Component("a.jpg"), number: 1) == FilePath.Component("a.jpg"))
        #expect(OutputNaming.alternative(FilePath.Component("a.jpg"), number: 2) == FilePath.Component("a (2).jpg"))
        #expect(OutputNaming.alternative(FilePath.Component("a"), number: 12) == FilePath.Component("a (12)"))
    }

    @Test func longNamesStayWithin255Bytes() throws {
        let stem = String(repeating: "é", count: 125)
        let name = try OutputNaming(pattern: "{stem}_x{scale}{extension}").name(
            for: FilePath.Component(stem + ".png")!, format: .webp, models: ["m"])
        let long = OutputNaming.finalName(name, id: 1, scale: 16, format: nil)
        #expect(long.bytes.count <= 255)
        #expect(String(validating: long.bytes, as: UTF8.self) != nil)
        #expect(long.string.hasSuffix("_x16.webp"))
        let longest = FilePath.Component(bytes: Array(repeating: 0x61, count: 251) + Array(".png".utf8))
        #expect(OutputNaming.alternative(longest, number: 2).bytes.count == 255)
        let bare = FilePath.Component(bytes: Array(repeating: 0x61, count: 255))
        let final = OutputNaming.finalName(bare, id: 1, scale: 4, format: "png")
        #expect(final.bytes.count == 255 && final.string.hasSuffix("a.png"))
    }

    /// The part that has to be shortened may be what follows the last dot.
    @Test(arguments: [1, 2, 100], ["é", "😀", "a"]) func longExtensionsAreShortened(_ stemLength: Int, _ letter: String)
        throws
    {
        let stem = String(repeating: letter, count: stemLength)
        var ext = "."
        while stem.utf8.count + ext.utf8.count + letter.utf8.count <= 255 { ext += letter }
        let name = FilePath.Component(stem + ext)!
        for number in [2, 9_999_999] {
            let other = OutputNaming.alternative(name, number: number)
            #expect(other.bytes.count <= 255 && other != name)
            #expect(String(validating: other.bytes, as: UTF8.self) != nil && other.string.contains(" (\(number))."))
        }
        let wide = try OutputNaming(pattern: "{stem}_{scale}-{id}{extension}")
        let output = OutputNaming.finalName(
            wide.name(for: name, format: .same, models: ["m"]), id: 7, scale: 4, format: nil)
        #expect(output.bytes.count <= 255 && String(validating: output.bytes, as: UTF8.self) != nil)
    }

    @Test func escapingShowsNoControlByte() {
        #expect(FilePath(bytes: Array("a\nb\u{1b}[31m\\".utf8) + [0xFF]).escaped == "a\\nb\\x1b[31m\\\\\\xff")
        #expect(FilePath("Grüße 写真.jpg").escaped == "Grüße 写真.jpg")
        #expect(FilePath("a\u{202e}gpj").escaped == "a\\xe2\\x80\\xaegpj")
    }
}
