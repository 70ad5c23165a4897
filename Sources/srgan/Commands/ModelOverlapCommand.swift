import ArgumentParser
import Foundation
import LinuxSupport
import SRGAN
import Training

/// `srgan model overlap`: measures what the overlap of tiles changes.
struct ModelOverlapCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "overlap",
        abstract: "Measure which overlap of tiles a model needs.",
        discussion: """
            One tile in the middle of each image is upscaled with several overlaps. The table shows the largest difference \
            to an overlap of 96 pixels, in units of 1/255; the smallest overlap with less than 0.5 is suggested.
            """
    )

    @Argument(help: "The model, by name or path.")
    var model: String

    @Argument(help: "Photographs with sides of at least 240 pixels.")
    var images: [String]

    @Flag(help: "Write the suggestion into the model file, which must be one of 'srgan model convert'.")
    var store = false

    @OptionGroup var messages: VerboseOption

    func run() throws {
        do {
            try measure()
        } catch let error as TrainingError {
            StandardError.write(line: "srgan: \(ArgumentBytes.shown(error.message))")
            throw ExitCode(65)
        } catch let failure as Failure {
            StandardError.write(line: "srgan: \(ArgumentBytes.shown(failure.message))")
            throw ExitCode(failure.exitCode)
        } catch {
            throw ModelCommand.exit(error)
        }
    }

    private func measure() throws {
        let (opened, path) = try ModelArgument.open(model, verbose: messages.verbose)
        var file = opened
        // Only a file of this project can hold the overlap, and only such a file has the hash of its encoding.
        guard !store || SHA256.hash(file.encoded()) == file.sha256 else {
            throw Failure.usage("\(path) was not written by 'srgan model convert'; convert it first.")
        }
        let generator = try LoadedGenerator(model: file)
        var measurement = OverlapMeasurement()
        for image in images {
            let image = try RGBImage(contentsOf: ArgumentBytes.path(of: image))
            guard min(image.width, image.height) >= OverlapMeasurement.smallestImage else {
                throw Failure.usage(
                    "An image is \(image.width) x \(image.height); its sides must be at least \(OverlapMeasurement.smallestImage)."
                )
            }
            try measurement.add(image.values, width: image.width, height: image.height, with: generator)
        }
        StandardOutput.print("OVERLAP  DIFFERENCE")
        for (overlap, difference) in zip(OverlapMeasurement.overlaps, measurement.differences) {
            StandardOutput.print(String(format: "%7d  %10.3f", overlap, difference))
        }
        guard let suggestion = measurement.suggestion else {
            StandardOutput.print(
                "No overlap up to 64 changes less than 0.5; --overlap exact is \(generator.receptiveFieldRadius).")
            return
        }
        StandardOutput.print("Suggested overlap: \(suggestion)")
        guard store else { return }
        file.metadata.overlap = suggestion
        file.metadata.overlapDifference = zip(OverlapMeasurement.overlaps, measurement.differences)
            .first { $0.0 == suggestion }.map { ($0.1 * 1000).rounded() / 1000 }
        let target = try OutputFile(argument: path.string, replaces: true, mustSeek: false)
        try TemporaryFile.write(file.encoded()[...], to: target.descriptor)
        try target.publish()
    }
}
