import Foundation
import SystemPackage
import Testing

@testable import Training

struct RunLogTests {
    private let folder: TrainingFolder
    private var path: FilePath { folder.path.appending("log.jsonl") }

    init() throws { folder = try TrainingFolder() }

    private func text() throws -> String { try String(contentsOfFile: path.string, encoding: .utf8) }

    @Test func linesAreReadBack() throws {
        let log = try RunLog(path, upTo: 0)
        try log.append(iteration: 10, ["l_g_pix": 0.5, "psnr_y/Set5": .infinity])
        try log.append(iteration: 20, ["l_g_pix": 0.25])
        let lines: [[String: Double]] = [["iteration": 10, "l_g_pix": 0.5], ["iteration": 20, "l_g_pix": 0.25]]
        #expect(log.lines == lines)
        #expect(try text() == "{\"iteration\":10,\"l_g_pix\":0.5}\n{\"iteration\":20,\"l_g_pix\":0.25}\n")
        #expect(try RunLog(path, upTo: 20).lines == lines)
    }

    /// Lines that a killed run logged after its checkpoint are removed, and so is a line that was cut off.
    @Test func linesAfterTheCheckpointAndBrokenLinesAreRemoved() throws {
        try folder.write(
            "{\"iteration\":10,\"a\":1}\n{\"iteration\":20,\"a\":2}\n{\"iteration\":30,\"a\":3}\n{\"iterat", "log.jsonl"
        )
        let log = try RunLog(path, upTo: 20)
        #expect(log.lines.map { $0["iteration"] } == [10, 20])
        #expect(try text() == "{\"iteration\":10,\"a\":1}\n{\"iteration\":20,\"a\":2}\n")
        try log.append(iteration: 30, ["a": 4])
        #expect(try RunLog(path, upTo: 99).lines.map { $0["a"] } == [1, 2, 4])
    }

    /// A last line without its line feed may be complete. The next line must not be appended to it.
    @Test func aMissingLineFeedIsAdded() throws {
        try folder.write("{\"iteration\":10,\"a\":1}", "log.jsonl")
        let log = try RunLog(path, upTo: 10)
        try log.append(iteration: 20, ["a": 2])
        #expect(try text() == "{\"iteration\":10,\"a\":1}\n{\"a\":2,\"iteration\":20}\n")
    }
}
