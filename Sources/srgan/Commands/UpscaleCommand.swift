import ArgumentParser
import CommandSupport
import Foundation
import Imaging
import ModelLocation
import SRGAN
import WorkerProtocol

/// `srgan upscale`: upscales one file in this process.
struct UpscaleCommand: HintingCommand, EventReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "upscale",
        abstract: "Upscale one image.",
        discussion: """
            The extension of OUTPUT chooses the format. Without an extension, --format chooses it, else the output has the \
            input's format. OUTPUT appears under its name only when it is complete; an existing file is replaced only with \
            --force.

            With '-' as OUTPUT the program enters a sandbox before it reads the image: it can then no longer open files, use \
            the network or start programs.

            Exit codes: 0 done; 1 failed; 64 wrong usage; 65 bad image; 73 no output file; 75 disk or memory error; 78 unusable model.
            """
    )

    static let hints = Hints.files.merging(Hints.scale) { $1 }

    @Argument(help: "The image: JPEG, PNG, WebP or TIFF; '-' is standard input.")
    var input: String

    @Argument(help: "The result; '-' is standard output.")
    var output: String

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The model, by name or path; several, separated by commas, run one after another.", valueName: "name|path"))
    var model = [ModelLocator.defaultModel]

    @OptionGroup var mixture: TextureOptions

    @Option(
        help: ArgumentHelp(
            "The longest side of a tile in pixels (default: chosen by the image's size).", valueName: "n"))
    var tile: Int?

    @Option(
        help: ArgumentHelp(
            "Pixels by which tiles overlap, or 'exact' for the same result as without tiles (default: as measured for the model).",
            valueName: "n|exact"))
    var overlap: OverlapArgument?

    @Option(help: ArgumentHelp("Number of computing threads (default: one per processor).", valueName: "n"))
    var threads: Int?

    @Option(help: ArgumentHelp("Output format: same (as the input), png, jpg, webp or tif.", valueName: "format"))
    var format: FormatArgument?

    @Option(name: .shortAndLong, help: ArgumentHelp("Quality of JPEG and WebP, 1 to 100.", valueName: "n"))
    var quality = EncodeOptions().quality

    @Option(help: ArgumentHelp("Compression level of PNG, 0 to 9.", valueName: "n"))
    var compression = EncodeOptions().compression

    @Flag(help: "Keep no EXIF, XMP, IPTC and comments.")
    var strip = false

    /// Metadata are kept by default. The option stays accepted, because earlier versions needed it.
    @Flag(help: .hidden)
    var keepMetadata = false

    @Flag(help: "Keep the position where the image was taken, which is removed otherwise.")
    var keepGps = false

    @Flag(inversion: .prefixedNo, help: "Read TIFF files.")
    var allowTiff = true

    @Flag(help: "Read the first frame of GIF files.")
    var allowGif = false

    @Option(help: ArgumentHelp("The most pixels of an input.", valueName: "n"))
    var maxPixels = ImageLimits().maximumPixels

    @Option(help: ArgumentHelp("The longest side of an input in pixels.", valueName: "n"))
    var maxSide = ImageLimits().maximumSide

    @Option(help: ArgumentHelp("The most bytes of an input.", valueName: "bytes"))
    var maxFileSize = ImageLimits().maximumFileSize

    @Option(
        help: ArgumentHelp("The most images in one TIFF or GIF, of which only the first is used.", valueName: "n"))
    var maxPages = ImageLimits().maximumPages

    @Flag(name: .shortAndLong, help: "Replace an existing OUTPUT.")
    var force = false

    @Flag(help: "Report events and errors as lines of JSON on standard error.")
    var json = false

    // For the daemon, whose workers must not outlive it.
    @Flag(help: ArgumentHelp("Exit when the parent process ends.", visibility: .hidden))
    var exitWithParent = false

    @OptionGroup var messages: VerboseOption

    func validate() throws {
        func check(_ isValid: Bool, _ message: String) throws {
            if !isValid { throw ValidationError(message) }
        }
        try check(tile.map { (8...4096).contains($0) } ?? true, "--tile must be 8 to 4096.")
        try check(threads.map { (1...1024).contains($0) } ?? true, "--threads must be 1 to 1024.")
        try check((1...100).contains(quality), "--quality must be 1 to 100.")
        try check((0...9).contains(compression), "--compression must be 0 to 9.")
        try check(maxPixels > 0 && maxSide > 0 && maxFileSize > 0 && maxPages > 0, "A limit must be at least 1.")
        try check(!strip || (!keepGps && !keepMetadata), "--strip contradicts --keep-metadata and --keep-gps.")
        do {
            _ = try outputFormat
        } catch let failure as Failure {
            throw ValidationError(failure.message)
        }
    }

    func run() throws {
        if exitWithParent { ParentWatch.start() }
        let report: any WorkReport =
            json
            ? EventReport()
            : TerminalReport(
                image: input == "-" ? "standard input" : ArgumentBytes.shown(input),
                output: output == "-" ? "standard output" : ArgumentBytes.shown(output))
        do {
            try work(report)
        } catch {
            let failure = Failure(error)
            report.failed(failure)
            throw ExitCode(failure.exitCode)
        }
    }

    private func work(_ report: any WorkReport) throws {
        let outputFormat = try outputFormat
        let requested = outputFormat.requested
        let threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
        let opened = try ModelArgument.open(
            model, texture: mixture.texture, fidelityModel: mixture.fidelityModel, verbose: messages.verbose)
        let chain = try GeneratorChain(
            opened.models.map { try LoadedGenerator(model: $0.model) }, overlap: overlap?.value)
        let upscaler = TiledUpscaler(generator: chain, settings: chain.tileSettings(tile: tile, threads: threads))
        let input = try InputFile(argument: input, limits: limits)
        defer { withExtendedLifetime(input) {} }
        // The TIFF encoder must seek in its output.
        let mayWriteTIFF = requested == .tiff || (requested == nil && input.isTIFF)
        let output = try OutputFile(argument: output, replaces: force, mustSeek: mayWriteTIFF)
        // The sandbox is entered only if the result goes to standard output: an output file gets its name at the end,
        // and the sandbox forbids that access to the file system.
        let sandbox = output.isStandardOutput ? try Sandbox.enter() : nil
        report.started(
            modelName: model.joined(separator: ","), sha256: opened.sha256,
            kernels: chain.kernels, threads: threads, sandbox: sandbox)

        let reader = try ImageReader(fileDescriptor: input.descriptor, options: decodeOptions(for: requested))
        let target = try outputFormat.resolve(input: reader.format)
        let writer = try upscaler.makeWriter(
            for: reader, format: target, options: EncodeOptions(quality: quality, compression: compression),
            policy: ImageMetadata.Policy(keepsMetadata: !strip, keepsLocation: keepGps))
        let plan = upscaler.plan(for: reader)
        report.opened(reader, plan: plan)

        let statistics = try upscaler.upscale(reader, with: writer, to: output.descriptor) { done in
            report.finishedTile(done, of: plan.count)
        }
        try output.publish()
        report.finished(reader, writer, statistics, bytes: output.size, notes: reader.notes + writer.notes)
    }

    private func decodeOptions(for requested: ImageFormat?) -> DecodeOptions {
        var formats: Set<ImageFormat> = [.jpeg, .png, .webp]
        if allowTiff { formats.insert(.tiff) }
        if allowGif { formats.insert(.gif) }
        return DecodeOptions(
            allowedFormats: formats, limits: limits, flattensAlpha: requested.map { !$0.supportsAlpha } ?? false)
    }

    private var limits: ImageLimits {
        ImageLimits(
            maximumFileSize: maxFileSize, maximumPixels: maxPixels, maximumSide: maxSide, maximumPages: maxPages,
            names: json ? .configurationKeys : .options)
    }

    static func event(usageError message: String) -> String {
        WorkerEvent.error(WorkerFailure(.configuration, message: message)).line
    }

    private var outputFormat: OutputFormat {
        get throws { try OutputFormat(option: format, output: output) }
    }
}
