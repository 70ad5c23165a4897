import Foundation
import Testing

/// Runs the `srgan` that was built beside the tests; arguments may contain any bytes.
struct SrganRunner {
    struct Result {
        var status: Int32
        var output: [UInt8]
        var errors: String

        /// The events of the worker protocol: every line that is a JSON object.
        var events: [[String: Any]] {
            errors.split(separator: "\n").compactMap {
                try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
            }
        }

        func event(_ name: String) -> [String: Any]? { events.first { $0["event"] as? String == name } }
    }

    /// A folder for the test's files, removed together with the runner.
    final class Folder {
        let path = NSTemporaryDirectory() + "srgan-command-\(UUID().uuidString)"

        init() throws {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }

        deinit {
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    let folder: Folder
    let model: String

    init() throws {
        folder = try Folder()
        model = folder.path + "/tiny.safetensors"
        try Data(TinyModel.file().encoded()).write(to: URL(fileURLWithPath: model))
    }

    /// The program in the folder of the test bundle's executable.
    static let program: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        var folder = (own as NSString).deletingLastPathComponent
        while folder.count > 1 && !FileManager.default.isExecutableFile(atPath: folder + "/srgan") {
            folder = (folder as NSString).deletingLastPathComponent
        }
        return folder + "/srgan"
    }()

    func path(_ name: String) -> String { folder.path + "/" + name }

    func exists(_ name: String) -> Bool { access(path(name), F_OK) == 0 }

    func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path(name)))) }

    /// The names of all files in the folder.
    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }

    /// `srgan upscale` with the tiny model.
    func upscale(_ arguments: String..., input: String? = nil, output: String? = nil) throws -> Result {
        try run(["upscale", "--model", model] + arguments, input: input, output: output)
    }

    /// Runs the program with texts as arguments.
    func run(_ arguments: [String], input: String? = nil, output: String? = nil) throws -> Result {
        try run(bytes: arguments.map { Array($0.utf8CString) }, input: input, output: output)
    }

    /// Runs the program with arguments of any bytes, each ending in a zero.
    ///
    /// - Parameters:
    ///   - input: the file for its standard input; nil for an empty one.
    ///   - output: the file for its standard output, opened for reading and writing as the daemon does.
    func run(bytes arguments: [[CChar]], input: String? = nil, output: String? = nil) throws -> Result {
        let (outputPath, errorPath) = (output ?? path(".stdout"), path(".stderr"))
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input ?? "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_RDWR | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errorPath, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        // As the daemon does: the tests' threads block signals.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var words = ([Array(Self.program.utf8CString)] + arguments).map { word in
            word.withUnsafeBufferPointer { strdup($0.baseAddress!) }
        }
        words.append(nil)
        defer { for word in words { free(word) } }
        var process = pid_t()
        let status = posix_spawn(&process, Self.program, &actions, &attributes, words, environ)
        try #require(status == 0, "\(Self.program) cannot be started")
        var ending: Int32 = 0
        while waitpid(process, &ending, 0) < 0 && errno == EINTR {}
        defer {
            unlink(errorPath)
            if output == nil { unlink(outputPath) }
        }
        return Result(
            status: ending & 0x7F == 0 ? ending >> 8 & 0xFF : -(ending & 0x7F),
            output: Array(try Data(contentsOf: URL(fileURLWithPath: outputPath))),
            errors: String(decoding: try Data(contentsOf: URL(fileURLWithPath: errorPath)), as: UTF8.self))
    }

    /// Runs a shell command line in the folder; `$SRGAN` is the program and `$MODEL` the tiny model.
    func shell(_ line: String) throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", line]
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["SRGAN": Self.program, "MODEL": model]
        ) { $1 }
        let errors = Pipe()
        process.standardError = errors
        process.standardOutput = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return Result(status: process.terminationStatus, output: [], errors: text)
    }
}
