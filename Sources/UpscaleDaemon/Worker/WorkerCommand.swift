import ServiceConfiguration
import SystemPackage

/// The command line, priority and limits that a worker is started with.
struct WorkerCommand: Sendable, Equatable {
    let program: FilePath
    let arguments: [String]
    /// The number that is added to the niceness of the worker.
    let nice: Int
    let limits: WorkerLimits

    /// - models: the private copies of the job's models.
    /// - texture: the share of the second of two models in a mixture; nil if the models run one after another.
    /// - cores: the number of cores of this machine; it determines the number of threads if none is configured.
    init(
        settings: OutputSettings, models: [FilePath], texture: Double? = nil, configuration: Configuration,
        program: FilePath, cores: Int
    ) {
        let limits = configuration.limits
        let threads = configuration.workers.resolved(cores: cores).threads
        self.program = program
        var arguments = ["upscale", "-", "-", "--json", "--exit-with-parent"]
        if let texture {
            arguments += ["--texture", "\(texture)", "--fidelity-model", models[0].string]
            arguments += ["--model", models[1].string]
        } else {
            for model in models { arguments += ["--model", model.string] }
        }
        arguments += ["--threads", String(threads)] + settings.arguments
        arguments += ["--max-pixels", String(limits.maxPixels), "--max-side", String(limits.maxSide)]
        arguments += ["--max-file-size", String(limits.maxFileSize), "--max-pages", String(limits.maxPages)]
        if !limits.formats.contains(.tiff) { arguments.append("--no-allow-tiff") }
        if limits.formats.contains(.gif) { arguments.append("--allow-gif") }
        self.arguments = arguments
        nice = configuration.workers.nice
        self.limits = WorkerLimits(configuration, cores: cores)
    }

    /// The worker's environment: the daemon's own, without the variables that systemd set for the daemon alone.
    static func environment(from own: [String: String]) -> [String: String] {
        var environment = own
        for name in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"] {
            environment[name] = nil
        }
        // The neural network has its own threads. OpenBLAS would start one more thread for each core and use memory for
        // each of these threads.
        environment["OPENBLAS_NUM_THREADS"] = "1"
        // ORC, which libvips uses, would write executable files into the home folder.
        environment["VIPS_NOVECTOR"] = "1"
        return environment
    }
}
