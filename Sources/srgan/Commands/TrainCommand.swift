import ArgumentParser
import Foundation
import LinuxSupport
import NeuralNetwork
import SystemPackage
import Training

/// `srgan train`: trains a model on a folder of photographs.
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train a generator on photographs.",
        discussion: """
            The configuration is a TOML file: examples/ has one for each recipe, and docs/training.md explains every setting. \
            The run's folder gets log.jsonl, curves.svg, TensorBoard's event files, samples/ if there is a validation, \
            checkpoint.safetensors and, at the end, model.safetensors. Ctrl-C saves a checkpoint and exits with 75; a second \
            Ctrl-C, or one before the first step, exits at once. --resume continues from the last checkpoint, also after a \
            crash, and gives the same weights as an uninterrupted run.

            Exit codes: 0 done; 1 diverged; 64 wrong usage; 65 no usable images; 75 stopped or not writable; 78 bad \
            configuration.
            """
    )

    @Argument(help: ArgumentHelp("The configuration of the run.", valueName: "config.toml"))
    var file: String

    @Flag(help: "Continue from the checkpoint in the run's folder.")
    var resume = false

    @Option(help: ArgumentHelp("Threads that compute (default: one per processor).", valueName: "n"))
    var threads: Int?

    func validate() throws {
        guard threads.map({ (1...1024).contains($0) }) ?? true else {
            throw ValidationError("--threads must be 1 to 1024.")
        }
    }

    func run() throws {
        do {
            try train()
        } catch let error as TrainingError {
            // A configuration with several mistakes has one line for each, as that of the daemon.
            for line in error.message.split(separator: "\n") {
                StandardError.write(line: "srgan: \(ArgumentBytes.shown(String(line)))")
            }
            throw ExitCode(Self.exitCode(of: error.code))
        }
    }

    private static func exitCode(of code: TrainingError.Code) -> Int32 {
        switch code {
        case .noImages, .unusableImage: 65
        case .configuration: 78
        case .outputFailed, .shortage: 75
        case .diverged: 1
        }
    }

    /// How many skipped images are reported by name at most.
    private static let maximumNamedSkips = 10

    private func train() throws {
        let configuration = try Self.read(ArgumentBytes.path(of: file), shown: ArgumentBytes.shown(file))
        let interruption = Interruption()
        let kernels = ProcessInfo.processInfo.environment["SRGAN_KERNELS"]
        guard ConvolutionKernels(named: kernels) != nil else {
            throw TrainingError(.configuration, "SRGAN_KERNELS: there are no kernels named \(kernels ?? "") here.")
        }
        let context = ComputeContext(
            threads: threads ?? ProcessInfo.processInfo.activeProcessorCount, kernels: kernels)
        let (making, reading) = (LoadingLine("Making", "pair"), LoadingLine("Reading", "image"))
        let dataset = try PatchDataset(
            configuration, threads: context.threads.count, making: making.update, reading: reading.update)
        reading.clear()
        for skipped in dataset.skipped.prefix(Self.maximumNamedSkips) {
            StandardError.write("srgan: \(ArgumentBytes.shown(skipped.reason)) It is skipped.\n")
        }
        let trainer = try Trainer(configuration, dataset: dataset, context: context)
        if let sets = configuration.validation?.folders.count {
            StandardError.write(line: "Checking \(sets) validation set\(sets == 1 ? "" : "s").")
        }
        let run = try TrainingRun(trainer, resumes: resume)
        StandardError.write(
            "\(dataset.count) images (\(dataset.skipped.count) skipped), "
                + "\(trainer.generator.store.parameterCount) parameters, \(context.threads.count) threads, "
                + "\(context.kernels.name) kernels, iteration \(trainer.iteration) of \(configuration.iterations)\n")
        interruption.savesFirst()
        let ending = try run.run {
            interruption.isRequested
        } report: { progress in
            StandardError.write(Self.line(progress))
        } validated: { result in
            StandardError.write(ArgumentBytes.shown(Self.line(result)) + "\n")
            for warning in result.warnings {
                StandardError.write("srgan: warning: \(ArgumentBytes.shown(warning))\n")
            }
        }
        switch ending {
        case .finished:
            StandardOutput.print(ArgumentBytes.shown(configuration.output.appending("model.safetensors").string))
        case .stopped:
            StandardError.write("srgan: stopped after iteration \(trainer.iteration); --resume continues.\n")
            throw ExitCode(75)
        }
    }

    private static func read(_ path: FilePath, shown: String) throws -> RunConfiguration {
        let bytes: [UInt8]
        do {
            let descriptor = try FileDescriptor.open(path, .readOnly)
            bytes = try descriptor.closeAfter {
                let size = try descriptor.seek(offset: 0, from: .end)
                return try [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, count in
                    count = try descriptor.read(fromAbsoluteOffset: 0, into: UnsafeMutableRawBufferPointer(buffer))
                }
            }
        } catch {
            throw TrainingError(.configuration, "\(path) cannot be read: \(error)", cause: error)
        }
        let folder = FilePath(FileManager.default.currentDirectoryPath).pushing(path).removingLastComponent()
        return try RunConfiguration(toml: String(decoding: bytes, as: UTF8.self), folder: folder, file: shown)
    }

    private static func line(_ progress: TrainingRun.Progress) -> String {
        let losses = progress.losses.sorted { $0.key < $1.key }
            .map { "\($0.key) \(String(format: "%.4g", $0.value))" }.joined(separator: "  ")
        return "iteration \(progress.iteration)/\(progress.iterations)  "
            + String(format: "%.2f", progress.iterationsPerSecond) + " it/s  "
            + "\(Quantity.duration(progress.secondsLeft)) left  \(losses)  "
            + "lr \(String(format: "%.3g", progress.learningRate))"
            + (progress.dataWait > shownDataWait
                ? String(format: "  data_wait %.0f%%\n", 100 * progress.dataWait) : "\n")
    }

    /// The progress line shows the share of time in which training waits for data only if this share exceeds this
    /// value. The data loader then slows down training.
    private static let shownDataWait = 0.02

    private static func line(_ result: ValidationResult) -> String {
        func scores(_ psnr: Double, _ ssim: Double?) -> String {
            String(format: "%.2f dB", psnr) + (ssim.map { String(format: " / %.4f", $0) } ?? "")
        }
        let sets = result.sets.map {
            "\($0.name) \(scores($0.psnr, $0.ssim)) (bicubic \(scores($0.bicubicPSNR, $0.bicubicSSIM)))"
        }
        return "validation \(result.iteration)  \(sets.joined(separator: "  "))  "
            + "best \(String(format: "%.2f dB", result.bestPSNR)) at \(result.bestIteration)"
    }
}
