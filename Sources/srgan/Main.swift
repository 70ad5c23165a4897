import ArgumentParser
import CommandSupport
import Glibc
import LinuxSupport
import SRGAN

/// The program `srgan`: upscales files, trains and evaluates models, and shows model files.
@main
struct SRGANTool: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "srgan",
        abstract: "Upscale images with the generator of SRGAN and other networks.",
        version: ProgramVersion.current,
        subcommands: [UpscaleCommand.self, TrainCommand.self, EvaluateCommand.self, ModelCommand.self]
    )

    /// Passes the arguments through `ArgumentBytes`, because file names are bytes and the parser only accepts text.
    static func main() {
        // With SIGPIPE ignored, a write to a closed pipe fails with EPIPE, which is reported like any other error.
        signal(SIGPIPE, SIG_IGN)
        runProgram(ArgumentBytes.commandLine())
    }
}
