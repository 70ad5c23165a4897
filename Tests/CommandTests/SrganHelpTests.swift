import Testing

/// The help texts are an interface: people read them and scripts search them, so every change must be deliberate.
@Suite("srgan's help")
struct SrganHelpTests {
    private func help(_ arguments: String...) throws -> String {
        let result = try SrganRunner().run(arguments)
        #expect(result.status == 0)
        return String(decoding: result.output, as: UTF8.self)
    }

    @Test("upscale")
    func upscale() throws {
        #expect(try help("upscale", "--help") == Self.upscaleHelp)
    }

    @Test("model info")
    func modelInfo() throws {
        #expect(try help("model", "info", "--help") == Self.modelInfoHelp)
    }

    @Test("train")
    func train() throws {
        #expect(try help("train", "--help") == Self.trainHelp)
    }

    @Test("the version is printed")
    func version() throws {
        #expect(try help("--version") == "0.1.0\n")
    }

    static let upscaleHelp = """
        OVERVIEW: Upscale one image.

        The output's format is --format, else what OUTPUT's extension says, else the
        input's. OUTPUT appears under its name only when it is complete; an existing
        file is replaced only with --force.

        With '-' as OUTPUT the program gives up the right to open files, to reach the
        network and to start programs before it looks at the image.

        Exit codes: 0 done; 1 failed; 64 wrong usage; 65 the image is at fault; 75
        disk or memory; 78 the model.

        USAGE: srgan upscale [<options>] <input> <output>

        ARGUMENTS:
          <input>                 The image: JPEG, PNG or WebP; '-' is standard input.
          <output>                Where the result goes; '-' is standard output.

        OPTIONS:
          --model <name|path>     The model, by name or path. (default: srgan-photo-x4)
          --tile <n>              The longest side of a tile in pixels (default: chosen
                                  by image and threads).
          --overlap <n|exact>     Pixels that tiles overlap, or 'exact': as if there
                                  were no tiles. (default: 20)
          --threads <n>           Tiles computed at the same time (default: one for
                                  each processor).
          --format <format>       same, png, jpg, webp or tif.
          --quality <n>           Quality of JPEG and WebP, 1 to 100. (default: 90)
          --compression <n>       Effort of PNG's compression, 0 to 9. (default: 2)
          --keep-metadata         Keep EXIF, XMP, IPTC and comments, but not where the
                                  image was taken.
          --keep-gps              With --keep-metadata: keep where it was taken, too.
          --allow-tiff            Read TIFF files.
          --allow-gif             Read the first frame of GIF files.
          --max-pixels <n>        The most pixels of an input. (default: 100000000)
          --max-side <n>          The longest side of an input in pixels. (default:
                                  32768)
          --max-file-size <bytes> The most bytes of an input. (default: 100000000)
          --max-pages <n>         The most images in one TIFF or GIF, of which only
                                  the first is used. (default: 10000)
          --force                 Replace an existing OUTPUT.
          --json                  Report events as lines of JSON on standard error, and
                                  end with the parent process.
          --version               Show the version.
          -h, --help              Show help information.


        """

    static let modelInfoHelp = """
        OVERVIEW: Show a model's architecture, licence, training and hash.

        USAGE: srgan model info <model> [--json]

        ARGUMENTS:
          <model>                 The model, by name or path; also another project's
                                  checkpoint (.pth, .pt) by its path.

        OPTIONS:
          --json                  Print one JSON object.
          --version               Show the version.
          -h, --help              Show help information.


        """

    static let trainHelp = """
        OVERVIEW: Train a generator on photographs.

        The configuration is a TOML file; examples/ has one for each recipe,
        docs/training.md names every setting. The run's folder gets log.jsonl,
        curves.svg, TensorBoard's events, samples/ where there is a validation,
        checkpoint.safetensors and, at the end, model.safetensors. Ctrl-C saves a
        checkpoint and exits with 75; --resume goes on from it, also after a crash, and
        gives the same weights as an undisturbed run.

        Exit codes: 0 done; 1 diverged; 64 wrong usage; 65 no usable images; 75
        stopped or not writable; 78 the configuration.

        USAGE: srgan train <config.toml> [--resume] [--threads <n>]

        ARGUMENTS:
          <config.toml>           What to train, on what, and how.

        OPTIONS:
          --resume                Go on from the checkpoint in the run's folder.
          --threads <n>           Threads that compute (default: one a processor).
          --version               Show the version.
          -h, --help              Show help information.


        """
}
