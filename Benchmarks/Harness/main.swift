import ArgumentParser

/// What `Benchmarks/run` times of this project's own; not installed.
struct Benchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "srgan-bench", abstract: "Time parts of this project; Benchmarks/run calls it.",
        subcommands: [
            GeneratorCommand.self, ImageCommand.self, PipelineCommand.self, KernelsCommand.self, QueueCommand.self,
        ])
}

Benchmark.main()
