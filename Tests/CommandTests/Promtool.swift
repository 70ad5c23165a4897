import Foundation

/// Prometheus' own checker. `scripts/install-dependencies` puts it beside the build products if the machine has none.
enum Promtool {
    /// The exit code and the output of a run.
    struct Outcome {
        var code: Int32
        var output: String
    }

    /// The repository's folder.
    static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Runs it in a folder; `input` becomes its standard input.
    static func run(_ arguments: [String], in folder: URL = repository, input: URL? = nil) throws -> Outcome {
        let process = Process()
        let unpacked = repository.appending(path: ".build/tools/promtool")
        let installed = URL(filePath: "/usr/bin/promtool")
        process.executableURL =
            FileManager.default.isExecutableFile(atPath: unpacked.path) ? unpacked : installed
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.standardInput = try input.map { try FileHandle(forReadingFrom: $0) } ?? FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Outcome(code: process.terminationStatus, output: String(decoding: text, as: UTF8.self))
    }
}
