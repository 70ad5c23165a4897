import ConfigurationFile
import SystemPackage

extension Configuration {
    /// `[workers]`: the worker processes.
    package struct Workers: Sendable, Equatable {
        /// How many processes run at the same time; nil stands for the number of cores divided by `threads`.
        package var processes: Int?
        /// Threads of each process; nil stands for the number of cores divided by the number of processes.
        package var threads: Int?
        /// The number that is added to the niceness of the worker processes.
        package var nice: Int
        /// The worker program; nil stands for the program `srgan` in the folder of the running program.
        package var program: FilePath?
        /// The wall-clock limit for one image, seconds.
        package var timeoutSeconds: Double

        /// Reads the table, and adds its mistakes to those of the file.
        package init(_ table: ConfigurationTable, base: FilePath) {
            processes = table.integer("processes", in: 1...256, orWord: "auto").number
            threads = table.integer("threads", in: 1...256, orWord: "auto").number
            nice = table.integer("nice", in: 0...19) ?? 10
            program = table.path("program", base: base)
            timeoutSeconds = table.seconds("timeout_seconds", in: 1...604_800) ?? 3600
            table.finish()
        }

        /// The number of processes, and of threads of each, on a machine with this many cores.
        ///
        /// The default is one process with all cores: it finishes the oldest image soonest and keeps one image in
        /// memory.
        package func resolved(cores: Int) -> (processes: Int, threads: Int) {
            let processes = self.processes ?? max(1, cores / (threads ?? cores))
            return (processes, threads ?? max(1, cores / processes))
        }
    }

    /// `[upscale]`: how an image is divided into tiles.
    package struct Upscale: Sendable, Equatable {
        /// The side of a tile in input pixels; nil lets the worker choose.
        package var tile: Int?
        /// The overlap of tiles in input pixels; nil stands for the overlap with which an image upscaled in tiles
        /// equals the image upscaled as a whole, and `modelsOverlap` for the overlap that suits the model.
        package var overlap: Int?

        /// The value of `overlap` that leaves the choice to the worker, which takes the overlap measured for the model.
        package static let modelsOverlap = -1

        /// Reads the table, and adds its mistakes to those of the file.
        package init(_ table: ConfigurationTable) {
            tile = table.integer("tile", in: 32...4096, orWord: "auto").number
            let choice = table.integer("overlap", in: 0...512, orWord: "exact")
            overlap = choice.word ? nil : choice.number ?? Self.modelsOverlap
            table.finish()
        }
    }

    /// `[limits]`: limits of inputs, workers and disks.
    package struct Limits: Sendable, Equatable {
        /// A format that inputs may have.
        package enum Format: String, Sendable, CaseIterable {
            /// JPEG.
            case jpeg
            /// PNG.
            case png
            /// WebP.
            case webp
            /// TIFF.
            case tiff
            /// GIF, first frame only.
            case gif
        }

        /// The size of the largest accepted file, bytes.
        package var maxFileSize: Int64
        /// The most pixels that an input may have.
        package var maxPixels: Int
        /// The longest side that an input may have.
        package var maxSide: Int
        /// The most images that one file may hold; only the first is used.
        package var maxPages: Int
        /// The limit of one worker's private writable memory, bytes; nil: computed from the number of its threads.
        package var workerMemory: Int?
        /// The formats that inputs may have.
        package var formats: [Format]
        /// No job is started while a file system that the service writes to has less free space than this, bytes.
        package var minFreeSpace: Int64

        /// True if inputs may have the format that a worker reports. For formats that are not in `Format`, the worker
        /// itself decides.
        package func allows(_ format: String) -> Bool { Format(rawValue: format).map(formats.contains) ?? true }

        /// The limit of one worker's private writable memory, bytes.
        ///
        /// Measured use (private writable memory, not resident memory): 0.6 GB with 2 threads and 1 megapixel, 0.8 GB
        /// with 100 megapixels, 1.1 GB with 100 megapixels from a progressive JPEG, 30 MB more for each further thread.
        package func workerMemory(threads: Int) -> Int { workerMemory ?? 2_000_000_000 + threads * 64_000_000 }

        /// Reads the table, and adds its mistakes to those of the file.
        package init(_ table: ConfigurationTable) {
            maxPages = table.integer("max_pages", in: 1...10_000_000) ?? 10_000
            workerMemory = table.integer("worker_memory_mb", in: 256...100_000_000, orWord: "auto").number
                .map { $0 * 1_000_000 }
            maxFileSize = Int64(table.integer("max_file_size_mb", in: 1...1_000_000) ?? 100) * 1_000_000
            maxPixels = (table.integer("max_megapixels", in: 1...100_000) ?? 100) * 1_000_000
            maxSide = table.integer("max_side", in: 1...1_000_000) ?? 32_768
            minFreeSpace = Int64(table.integer("min_free_space_mb", in: 0...100_000_000) ?? 512) * 1_000_000
            formats =
                table.choices("formats", Format.self, synonyms: ["jpg": .jpeg, "tif": .tiff])
                ?? [.jpeg, .png, .webp, .tiff]
            table.finish()
        }
    }

    /// `[retry]`: how transient failures are retried.
    package struct Retry: Sendable, Equatable {
        /// The most attempts of one job.
        package var maxAttempts: Int
        /// The delay before the second attempt, seconds; doubled before each further attempt.
        package var firstDelaySeconds: Double
        /// The longest delay, seconds.
        package var maxDelaySeconds: Double
        /// How long a job waits in all for room on a full disk before it fails, seconds.
        package var fullDiskSeconds: Double

        /// Reads the table, and adds its mistakes to those of the file.
        package init(_ table: ConfigurationTable) {
            maxAttempts = table.integer("max_attempts", in: 1...100) ?? 3
            firstDelaySeconds = table.seconds("first_delay_seconds", in: 0...86_400) ?? 10
            maxDelaySeconds = table.seconds("max_delay_seconds", in: 0...604_800) ?? max(600, firstDelaySeconds)
            fullDiskSeconds = table.seconds("full_disk_seconds", in: 0...31_536_000) ?? 86_400
            if maxDelaySeconds < firstDelaySeconds {
                table.add("max_delay_seconds", "must not be less than first_delay_seconds (\(firstDelaySeconds)).")
            }
            table.finish()
        }
    }

    /// `[events]`: the log of events.
    package struct Events: Sendable, Equatable {
        /// How long events are kept, days.
        package var keepDays: Int

        /// Reads the table, and adds its mistakes to those of the file.
        package init(_ table: ConfigurationTable) {
            keepDays = table.integer("keep_days", in: 1...36_500) ?? 30
            table.finish()
        }
    }

    /// `[notify]`: the program srgan-notify.
    package struct Notify: Sendable, Equatable {
        /// The folder in which the program keeps what it still has to deliver.
        package var directory: FilePath

        /// Reads the table, and adds its mistakes to those of the file.
        package init(_ table: ConfigurationTable, base: FilePath, stateFolder: FilePath) {
            directory =
                table.path("directory", base: base)
                ?? stateFolder.removingLastComponent().appending(
                    "\(stateFolder.lastComponent?.string ?? "srgan")-notify")
            table.finish()
        }
    }

    /// `[metrics]`: the Prometheus text file.
    package struct Metrics: Sendable, Equatable {
        /// The path of the file; nil: no file is written.
        package var file: FilePath?
        /// The interval between two writes, seconds.
        package var intervalSeconds: Double

        /// Reads the table, and adds its mistakes to those of the file.
        package init(_ table: ConfigurationTable, base: FilePath) {
            file = table.path("file", base: base)
            intervalSeconds = table.seconds("interval_seconds", in: 1...86_400) ?? 15
            table.finish()
        }
    }

    /// `[log]`: what is logged.
    package struct Log: Sendable, Equatable {
        /// Log levels, the least important first.
        package enum Level: String, Sendable, CaseIterable {
            /// Every step of every file.
            case debug
            /// The start and the end of each job.
            case info
            /// Problems that a person may want to check.
            case warning
            /// Problems that a person must solve.
            case error
        }

        /// The lowest level that is written.
        package var level: Level

        /// Reads the table, and adds its mistakes to those of the file.
        package init(_ table: ConfigurationTable) {
            level = table.choice("level", Level.self) ?? .info
            table.finish()
        }
    }

    /// `[service]`: the daemon itself.
    package struct Service: Sendable, Equatable {
        /// The interval between two scans of all inboxes, seconds. File-system events report most new files earlier.
        package var rescanSeconds: Double
        /// How long running jobs may continue after SIGTERM, seconds.
        package var stopTimeoutSeconds: Double
        /// The permissions of the control socket.
        package var controlSocketMode: UInt32

        /// Reads the table, and adds its mistakes to those of the file.
        package init(_ table: ConfigurationTable) {
            rescanSeconds = table.seconds("rescan_seconds", in: 1...86_400) ?? 60
            stopTimeoutSeconds = table.seconds("stop_timeout_seconds", in: 0...3600) ?? 30
            controlSocketMode = 0o660
            if let text = table.string("control_socket_mode") {
                if let mode = UInt32(text, radix: 8), mode <= 0o777 {
                    controlSocketMode = mode
                } else {
                    table.add("control_socket_mode", "must be permissions like \"0660\", but is \"\(text)\".")
                }
            }
            table.finish()
        }
    }
}
