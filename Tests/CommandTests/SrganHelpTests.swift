import Testing

/// The help text is an interface that people read and scripts search, so it changes only on purpose.
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

        The extension of OUTPUT chooses the format. Without an extension, --format
        chooses it, else the output has the input's format. OUTPUT appears under its
        name only when it is complete; an existing file is replaced only with --force.

        With '-' as OUTPUT the program enters a sandbox before it reads the image: it
        can then no longer open files, use the network or start programs.

        Exit codes: 0 done; 1 failed; 64 wrong usage; 65 bad image; 73 no output file;
        75 disk or memory error; 78 unusable model.

        USAGE: srgan upscale [<options>] <input> <output>

        ARGUMENTS:
          <input>                 The image: JPEG, PNG, WebP or TIFF; '-' is standard
                                  input.
          <output>                The result; '-' is standard output.

        OPTIONS:
          -m, --model <name|path> The model, by name or path; several, separated by
                                  commas, run one after another. (default:
                                  srgan-photo-x4)
          --texture <share>       From 0, only what the image proves, to 1, all
                                  invented texture (default: 1).
          --fidelity-model <name|path>
                                  The model of texture 0, of the same shape (default:
                                  the one that belongs to the model).
          --tile <n>              The longest side of a tile in pixels (default: chosen
                                  by the image's size).
          --overlap <n|exact>     Pixels by which tiles overlap, or 'exact' for the
                                  same result as without tiles (default: as measured
                                  for the model).
          --threads <n>           Number of computing threads (default: one per
                                  processor).
          --format <format>       Output format: same (as the input), png, jpg, webp or
                                  tif.
          -q, --quality <n>       Quality of JPEG and WebP, 1 to 100. (default: 90)
          --compression <n>       Compression level of PNG, 0 to 9. (default: 2)
          --strip                 Keep no EXIF, XMP, IPTC and comments.
          --keep-gps              Keep the position where the image was taken, which is
                                  removed otherwise.
          --allow-tiff/--no-allow-tiff
                                  Read TIFF files. (default: --allow-tiff)
          --allow-gif             Read the first frame of GIF files.
          --max-pixels <n>        The most pixels of an input. (default: 100000000)
          --max-side <n>          The longest side of an input in pixels. (default:
                                  32768)
          --max-file-size <bytes> The most bytes of an input. (default: 100000000)
          --max-pages <n>         The most images in one TIFF or GIF, of which only the
                                  first is used. (default: 10000)
          -f, --force             Replace an existing OUTPUT.
          --json                  Report events and errors as lines of JSON on standard
                                  error.
          -v, --verbose           List the searched folders when a model is not found.
          --version               Show the version.
          -h, --help              Show help information.


        """

    static let modelInfoHelp = """
        OVERVIEW: Show a model's architecture, licence, training and hash.

        USAGE: srgan model info <model> [--texture <share>] [--fidelity-model <name|path>] [--json] [--verbose]

        ARGUMENTS:
          <model>                 The model, by name or path, or another project's
                                  checkpoint (.pth, .pt), by path; several, separated
                                  by commas, are shown as a chain.

        OPTIONS:
          --texture <share>       From 0, only what the image proves, to 1, all
                                  invented texture (default: 1).
          --fidelity-model <name|path>
                                  The model of texture 0, of the same shape (default:
                                  the one that belongs to the model).
          --json                  Print one JSON object.
          -v, --verbose           List the searched folders when a model is not found.
          --version               Show the version.
          -h, --help              Show help information.


        """

    static let trainHelp = """
        OVERVIEW: Train a generator on photographs.

        The configuration is a TOML file: examples/ has one for each recipe, and
        docs/training.md explains every setting. The run's folder gets log.jsonl,
        curves.svg, TensorBoard's event files, samples/ if there is a validation,
        checkpoint.safetensors and, at the end, model.safetensors. Ctrl-C saves a
        checkpoint and exits with 75; a second Ctrl-C, or one before the first step,
        exits at once. --resume continues from the last checkpoint, also after a crash,
        and gives the same weights as an uninterrupted run.

        Exit codes: 0 done; 1 diverged; 64 wrong usage; 65 no usable images; 75 stopped
        or not writable; 78 bad configuration.

        USAGE: srgan train <config.toml> [--resume] [--threads <n>]

        ARGUMENTS:
          <config.toml>           The configuration of the run.

        OPTIONS:
          --resume                Continue from the checkpoint in the run's folder.
          --threads <n>           Threads that compute (default: one per processor).
          --version               Show the version.
          -h, --help              Show help information.


        """
}
