import Foundation
import Testing

/// Unknown commands and options are answered by a word that is known.
@Suite("suggestions")
struct SuggestionTests {
    private let srgan: SrganRunner

    init() throws { srgan = try SrganRunner() }

    @Test(
        "an unknown word",
        arguments: [
            ("${SRGAN}-jobs status", "Unknown command 'status'. Did you mean 'stats'? Commands: list, "),
            ("${SRGAN}-jobs --config none.toml lsit", "Unknown command 'lsit'. Did you mean 'list'?"),
            ("${SRGAN}-jobs --config=none.toml lst", "Unknown command 'lst'. Did you mean 'list'?"),
            ("${SRGAN}-jobs --confg none.toml list", "Unknown option '--confg'. Did you mean '--config'?"),
            ("${SRGAN}-jobs delete", "Unknown command 'delete'. Commands: list, "),
            ("$SRGAN upscal a.png b.png", "Unknown command 'upscal'. Did you mean 'upscale'?"),
            ("$SRGAN model lst", "Unknown command 'lst'. Did you mean 'list'? Commands: list, info, convert, overlap."),
            ("$SRGAN upscale -o b.png a.png", "Unknown option '-o'. OUTPUT is the second argument"),
            ("$SRGAN upscale a.png b.png --scale 2", "Unknown option '--scale'. The model decides the scale"),
            ("$SRGAN upscale a.png b.png -t 2", "Unknown option '-t'. Did you mean '--texture'?"),
            ("$SRGAN upscale a.png b.png --qualty 2", "Unknown option '--qualty'. Did you mean '--quality'?"),
            ("$SRGAN upscale a.png b.png --allow", "Unknown option '--allow'. Did you mean '--allow-gif'?"),
            ("$SRGAN model convert a.pth -o b.safetensors", "Unknown option '-o'. OUTPUT is the second argument"),
            ("${SRGAN}d --check", "Unknown option '--check'. Did you mean '--check-config'?"),
            ("${SRGAN}d -c a.toml", "Unknown option '-c'. Did you mean '--config'?"),
        ])
    func unknown(line: String, answer: String) throws {
        let result = try srgan.shell(line)
        #expect(result.status == 64)
        #expect(result.errors.hasPrefix("Error: \(answer)"), "\(result.errors)")
        #expect(result.errors.contains("\nUsage: "))
    }

    @Test("short options and the alias of list")
    func shortOptions() throws {
        try SampleImages.write(srgan.path("in.png"))
        #expect(try srgan.shell("$SRGAN upscale -m $MODEL -q 50 in.png out.jpg").status == 0)
        #expect(try srgan.shell("$SRGAN upscale -m $MODEL -q 50 in.png out.jpg").status == 64)
        #expect(try srgan.shell("$SRGAN upscale -fvm $MODEL -q 50 in.png out.jpg").status == 0)
        #expect(try srgan.shell("$SRGAN model convert $MODEL other.safetensors").status == 0)
        #expect(try srgan.shell("$SRGAN model convert -f $MODEL other.safetensors").status == 0)
        try "[state]\ndirectory = 'state'\n[[inbox]]\npath = 'in'\noutbox = 'out'\n"
            .write(toFile: srgan.path("config.toml"), atomically: true, encoding: .utf8)
        let list = try srgan.shell("${SRGAN}-jobs ls --config config.toml >&2")
        #expect(list.status == 69 && list.errors.contains("There is no queue in "))
    }
}
