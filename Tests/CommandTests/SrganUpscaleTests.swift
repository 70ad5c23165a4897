import Foundation
import Imaging
import Testing

@Suite("srgan upscale, one file", .serialized)
struct SrganUpscaleTests {
    let srgan: SrganRunner

    init() throws {
        srgan = try SrganRunner()
        try SampleImages.write(srgan.path("in.png"))
    }

    @Test("the output has four times the width and height, and nothing is printed")
    func file() throws {
        let result = try srgan.upscale(srgan.path("in.png"), srgan.path("out.png"))
        #expect(result.status == 0 && result.errors.isEmpty && result.output.isEmpty)
        #expect(try SampleImages.inspect(srgan.path("out.png")) == (.png, 96, 72))
        #expect(try srgan.names() == ["in.png", "out.png", "tiny.safetensors"])
    }

    @Test("metadata are kept unless --strip is given")
    func metadata() throws {
        try SampleImages.write(srgan.path("in.jpg"), format: .jpeg)
        let result = try srgan.shell(
            """
            exiftool -q -overwrite_original -Artist=Keeper -Copyright=Mine -Model=L1 \\
                -DateTimeOriginal="2020:01:02 03:04:05" in.jpg &&
            $SRGAN upscale --model $MODEL in.jpg kept.jpg && $SRGAN upscale --strip --model $MODEL in.jpg bare.jpg &&
            exiftool -S -Artist -Copyright -Model -DateTimeOriginal kept.jpg >&2 && echo -- >&2 &&
            exiftool -S -Artist -Copyright -Model -DateTimeOriginal bare.jpg >&2
            """)
        #expect(
            result.errors == """
                Artist: Keeper
                Copyright: Mine
                Model: L1
                DateTimeOriginal: 2020:01:02 03:04:05
                --

                """, "\(result.errors)")
    }

    @Test("a success on a terminal: the file, its size and the time")
    func terminal() throws {
        let result = try srgan.shell(
            "script -qec '$SRGAN upscale --model $MODEL in.png out.png' /dev/null < /dev/null >&2")
        #expect(result.status == 0)
        #expect(result.errors.contains(/out\.png: 96x72, [0-9.]+ k?B, [0-9.]+s/), "\(result.errors)")
    }

    @Test(
        "the format is the extension's, else --format's, else the input's",
        arguments: [
            ("a.jpg", nil, .jpeg), ("a.JPE", nil, .jpeg), ("a.jfif", "jpg", .jpeg), ("a.webp", nil, .webp),
            ("a.tif", nil, .tiff), ("a.tiff", "tif", .tiff), ("a", nil, .png), ("a.", "jpg", .jpeg),
            (".a", "webp", .webp),
            ("a.png", "same", .png), ("a", "same", .png), ("a", "tif", .tiff),
        ] as [(String, String?, ImageFormat)])
    func format(name: String, option: String?, expected: ImageFormat) throws {
        let arguments = ["upscale", "--model", srgan.model, srgan.path("in.png"), srgan.path(name)]
        let result = try srgan.run(arguments + (option.map { ["--format", $0] } ?? []))
        #expect(result.status == 0)
        #expect(try SampleImages.inspect(srgan.path(name)).format == expected)
    }

    @Test(
        "an extension that is unknown or contradicts --format is an error",
        arguments: [
            ("a.heic", nil), ("a.bmp", nil), ("a.gif", nil), ("a.xyz", "png"), ("a.heic", "same"), ("a.jpg", "png"),
            ("a.png", "jpg"), ("a.jpg", "same"),
        ] as [(String, String?)])
    func wrongExtension(name: String, option: String?) throws {
        let arguments = ["upscale", "--model", srgan.model, srgan.path("in.png"), srgan.path(name)]
        let result = try srgan.run(arguments + (option.map { ["--format", $0] } ?? []))
        #expect(result.status == 64)
        #expect(try srgan.names() == ["in.png", "tiny.safetensors"])
        let known = ".jpg .jpeg .jpe .jfif .png .webp .tif .tiff"
        let isKnown = name.hasSuffix("jpg") || name.hasSuffix("png")
        #expect(result.errors.contains(isKnown ? "--format" : known), "\(result.errors)")
    }

    @Test("an existing file is kept without --force")
    func force() throws {
        try Data("precious".utf8).write(to: URL(fileURLWithPath: srgan.path("out.png")))
        let refused = try srgan.upscale(srgan.path("in.png"), srgan.path("out.png"))
        #expect(refused.status == 64 && refused.errors.contains("--force"))
        #expect(try srgan.bytes("out.png") == Array("precious".utf8))
        #expect(try srgan.upscale("--force", srgan.path("in.png"), srgan.path("out.png")).status == 0)
        #expect(try SampleImages.inspect(srgan.path("out.png")) == (.png, 96, 72))
        #expect(try srgan.names() == ["in.png", "out.png", "tiny.safetensors"])
    }

    @Test("a relative path without a folder works")
    func relative() throws {
        #expect(try srgan.shell("$SRGAN upscale --model $MODEL in.png out.png").status == 0)
        #expect(try srgan.shell("$SRGAN upscale --model $MODEL --force in.png out.png").status == 0)
        #expect(try srgan.names() == ["in.png", "out.png", "tiny.safetensors"])
    }

    @Test("names of any bytes")
    func anyName() throws {
        let folder = srgan.folder.path + "/"
        for name: [UInt8] in [
            Array(1...46) + Array(48...128), Array(129...255), Array("-x.png".utf8), Array("a.jpg[shrink=8]".utf8),
            [0xF4, 0x8F, 0xBC, 0x80, 0xC3],
        ] {
            let input = (Array(folder.utf8) + name).map { CChar(bitPattern: $0) } + [0]
            let output =
                (Array(folder.utf8) + name.prefix(200) + Array(".png".utf8)).map { CChar(bitPattern: $0) } + [0]
            try #require(link(srgan.path("in.png"), input) == 0)
            let words = ["upscale", "--model", srgan.model, "--"].map { Array($0.utf8CString) }
            let result = try srgan.run(bytes: words + [input, output])
            #expect(result.status == 0, "\(result.errors)")
            #expect(access(output, F_OK) == 0)
            unlink(input)
            unlink(output)
        }
        #expect(try srgan.names() == ["in.png", "tiny.safetensors"])
    }

    @Test("pipes on both sides", arguments: ["png", "jpg", "webp", "tif"])
    func pipes(format: String) throws {
        let result = try srgan.shell(
            "set -o pipefail; cat in.png | $SRGAN upscale - - --model $MODEL --format \(format) | cat > piped")
        #expect(result.status == 0, "\(result.errors)")
        #expect(try SampleImages.inspect(srgan.path("piped")).width == 96)
        #expect(try srgan.upscale(srgan.path("in.png"), srgan.path("direct"), "--format", format).status == 0)
        #expect(try srgan.bytes("piped") == srgan.bytes("direct"))
    }

    @Test("a closed output pipe is an error, not a crash")
    func closedPipe() throws {
        try SampleImages.write(srgan.path("large.png"), width: 200, height: 200)
        let result = try srgan.shell(
            "$SRGAN upscale large.png - --compression 0 --model $MODEL | true; exit ${PIPESTATUS[0]}")
        #expect(result.status == 75, "\(result.errors)")
    }

    @Test("an error names the faulty image")
    func faultyImage() throws {
        try SampleImages.write(srgan.path("good.jpg"), width: 64, height: 64, format: .jpeg)
        let half = try srgan.bytes("good.jpg").prefix(400)
        try Data(half).write(to: URL(fileURLWithPath: srgan.path("cut.jpg")))
        for (name, begins) in [("cut.jpg", "The "), ("missing.jpg", "The input could not be opened")] {
            let result = try srgan.upscale(srgan.path(name), srgan.path("out.png"))
            #expect(result.status == 65)
            #expect(result.errors.hasPrefix("srgan: \(srgan.path(name)): \(begins)"), "\(result.errors)")
        }
        let piped = try srgan.shell("$SRGAN upscale - out.png --model $MODEL < cut.jpg")
        #expect(piped.status == 65 && piped.errors.hasPrefix("srgan: standard input: The "), "\(piped.errors)")
    }

    @Test("an output that cannot be created is exit code 73", arguments: ["none/out.png", "in.png/out.png"])
    func missingFolder(name: String) throws {
        let result = try srgan.upscale(srgan.path("in.png"), srgan.path(name))
        #expect(result.status == 73 && result.errors.hasPrefix("srgan: \(srgan.path(name)) cannot be created: "))
        let convert = try srgan.run(["model", "convert", srgan.model, srgan.path("none/a.safetensors")])
        #expect(convert.status == 73, "\(convert.errors)")
    }

    @Test("--force writes to the file behind a symbolic link, and replaces no link to a pipe or device")
    func links() throws {
        try Data("old".utf8).write(to: URL(fileURLWithPath: srgan.path("real.png")))
        func link(_ name: String, to target: String) { symlink(target, srgan.path(name)) }
        func isLink(_ name: String) -> Bool {
            var status = stat()
            return lstat(srgan.path(name), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
        }
        link("link.png", to: "real.png")
        link("broken.png", to: "none.png")
        link("null.png", to: "/dev/null")
        link("out.png", to: "/proc/self/fd/1")
        #expect(try srgan.upscale(srgan.path("in.png"), srgan.path("link.png")).status == 64)
        #expect(try srgan.bytes("real.png").count == 3)
        #expect(try srgan.upscale(srgan.path("in.png"), srgan.path("link.png"), "--force").status == 0)
        #expect(try isLink("link.png") && srgan.bytes("real.png").count > 3)
        for (name, reason) in [
            ("broken", "is a symbolic link to a file that does not exist"), ("null", "is not a regular file"),
        ] {
            let result = try srgan.upscale(srgan.path("in.png"), srgan.path("\(name).png"), "--force")
            #expect(result.status == 64 && result.errors.contains(reason), "\(result.errors)")
            #expect(isLink("\(name).png") && !srgan.exists("none.png"))
        }
        // Standard output is a pipe here.
        for options in ["", "--force"] {
            let piped = try srgan.shell("$SRGAN upscale \(options) --model $MODEL in.png out.png | cat > piped")
            #expect(piped.errors.contains("is not a regular file") && !piped.errors.contains("--force"))
            #expect(try isLink("out.png") && srgan.bytes("piped").isEmpty)
        }
    }

    @Test("a folder is no output", arguments: [[], ["--force"]])
    func folder(options: [String]) throws {
        try FileManager.default.createDirectory(atPath: srgan.path("there"), withIntermediateDirectories: true)
        let result = try srgan.upscale(
            srgan.path("in.png"), srgan.path("there"), "--format", "png", options.first ?? "--quality=90")
        #expect(result.status == 64)
        #expect(result.errors.contains("\(srgan.path("there")) is a folder; name a file in it: "))
    }

    @Test("the output format's limit is checked before any work")
    func outputLimit() throws {
        try SampleImages.write(srgan.path("wide.png"), width: 4100, height: 2)
        let result = try srgan.upscale(srgan.path("wide.png"), srgan.path("out.webp"), "--json")
        #expect(result.status == 65)
        #expect(result.event("error")?["reason"] as? String == "output_too_large")
        #expect(result.event("progress") == nil && !srgan.exists("out.webp"))
    }

    @Test(
        "wrong usage is exit code 64",
        arguments: [
            ["upscale"], ["upscale", "a"], ["upscale", "a", "b", "--tile", "3"],
            ["upscale", "a", "b", "--overlap", "some"],
            ["upscale", "a", "b", "--quality", "0"], ["upscale", "a", "b", "--format", "bmp"],
            ["upscale", "a", "b", "--strip", "--keep-gps"], ["evaluate", "--dataset", ".", "--comparison", "a.jpg"],
            ["nonsense"],
        ])
    func usage(arguments: [String]) throws {
        #expect(try srgan.run(arguments).status == 64)
    }

    @Test("a killed run leaves nothing behind")
    func killed() throws {
        try SampleImages.write(srgan.path("large.png"), width: 600, height: 600)
        let result = try srgan.shell(
            """
            $SRGAN upscale large.png out.png --json --model $MODEL 2> >(tee events >&2) & worker=$!
            until grep -qs tiles_done events; do kill -0 $worker || exit 99; done
            kill -KILL $worker; wait $worker; exit 0
            """)
        #expect(result.status == 0)
        #expect(try srgan.names().filter { $0 != "events" } == ["in.png", "large.png", "tiny.safetensors"])
    }
}
