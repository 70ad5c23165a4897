import Foundation
import Testing

/// Programs that check image files and their metadata. `scripts/install-dependencies --for-tests` installs them.
enum Tool {
    /// Runs a program and returns its exit status and everything that it printed.
    static func run(_ name: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/" + name)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    /// Reads the tags of all files in a folder with exiftool: for each file name the tags by group and name.
    static func tags(in folder: String, _ options: [String] = []) throws -> [String: [String: Any]] {
        let result = try run("exiftool", ["-j", "-a", "-G1", "-q", "-q"] + options + ["-r", folder])
        let start = result.output.firstIndex(of: "[") ?? result.output.startIndex
        let list = try JSONSerialization.jsonObject(with: Data(result.output[start...].utf8)) as? [[String: Any]]
        var tags: [String: [String: Any]] = [:]
        for file in try #require(list) {
            let path = try #require(file["SourceFile"] as? String)
            tags[String(path.split(separator: "/").last ?? "")] = file
        }
        return tags
    }
}
