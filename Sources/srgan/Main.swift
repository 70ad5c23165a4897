import ArgumentParser
import Glibc
import LinuxSupport
import SRGAN

/// The toolbox: upscaling files, training, measuring, looking at models.
@main
struct SRGANTool: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "srgan",
        abstract: "Upscale images four times with the generator of SRGAN.",
        version: ProgramVersion.current,
        subcommands: [UpscaleCommand.self, TrainCommand.self, EvaluateCommand.self, ModelCommand.self]
    )

    /// File names are bytes, and the parser wants text: see `ArgumentBytes`.
    static func main() {
        // A reader that went away is an error like another (EPIPE), and is reported as one.
        signal(SIGPIPE, SIG_IGN)
        main(ArgumentBytes.commandLine())
    }
}
