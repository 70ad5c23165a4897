import Foundation
import LinuxSupport
import SystemPackage

@testable import UpscaleDaemon

/// A folder for one test, removed together with the value.
final class TemporaryFolder: Sendable {
    let path: FilePath

    init() throws {
        var template = Array((NSTemporaryDirectory() + "/srgan-test-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw FileError(.inputOutput, "No temporary folder: errno \(errno).") }
        path = FilePath(platformString: template).resolvingExistingPart
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path.string)
    }

    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(
            atPath: path.pushing(FilePath(name)).string, withIntermediateDirectories: true)
    }

    @discardableResult
    func write(_ text: String, to name: String) throws -> FilePath {
        let file = path.pushing(FilePath(name))
        try Data(text.utf8).write(to: URL(fileURLWithPath: file.string))
        return file
    }

    func read(_ name: String) -> String? {
        try? String(
            decoding: Data(contentsOf: URL(fileURLWithPath: path.pushing(FilePath(name)).string)), as: UTF8.self)
    }

    func names(in folder: String = ".") -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path.pushing(FilePath(folder)).string)) ?? []).sorted()
    }
}
