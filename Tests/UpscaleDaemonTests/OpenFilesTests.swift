import Foundation
import LinuxSupport
import SystemPackage
import Testing

@testable import UpscaleDaemon

@Suite struct OpenFilesTests {
    @Test func findsFilesThatAreOpenForWriting() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("x", to: "a.jpg")
        let reader = try RegularFile.open(path)
        defer { try? reader.close() }
        let writer = try FileDescriptor.open(path, .writeOnly)
        var files = OpenFiles()
        let isFound = files.hasWriter(reader, now: 0)
        try writer.close()
        // One scan serves all files for a second.
        let isFoundWithoutScan = files.hasWriter(reader, now: 0.9)
        let isFoundLater = files.hasWriter(reader, now: 1)
        #expect(isFound && isFoundWithoutScan && !isFoundLater)
    }
}
