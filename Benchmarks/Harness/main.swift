import ArgumentParser

/// The program that `Benchmarks/run` uses to time parts of this project; it is not installed.
struct Benchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "srgan-bench", abstract: "Time parts of this project; Benchmarks/run calls it.",
        subcommands: [
            GeneratorCommand.self, ImageCommand.self, PipelineCommand.self, KernelsCommand.self, QueueCommand.self,
        ])
}

Benchmark.main()
