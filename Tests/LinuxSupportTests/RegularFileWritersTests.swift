import Foundation
import SystemPackage
import Testing

@testable import LinuxSupport

@Suite struct RegularFileWritersTests {
    @Test func aWriterIsSeenAsLongAsItHasTheFileOpen() throws {
        let path = FilePath(NSTemporaryDirectory()).appending("srgan-writers-\(UUID().uuidString)")
        let writer = try FileDescriptor.open(path, .writeOnly, options: [.create], permissions: [.ownerReadWrite])
        defer { unlink(path.string) }
        let reader = try RegularFile.open(path)
        defer { try? reader.close() }
        #expect(RegularFile.hasWriter(reader) == true)
        #expect(throws: FileError.self) { try RegularFile.requireNoWriter(reader, name: path) }
        // Also through another descriptor of the same file.
        let other = try writer.duplicate()
        try writer.close()
        #expect(RegularFile.hasWriter(reader) == true)
        try other.close()
        #expect(RegularFile.hasWriter(reader) == false)
        try RegularFile.requireNoWriter(reader, name: path)
    }

    /// The check keeps no lease: a program that opens the file for writing afterwards neither waits nor causes a signal.
    @Test func aWriterMayComeAfterTheCheck() throws {
        let path = FilePath(NSTemporaryDirectory()).appending("srgan-writers-\(UUID().uuidString)")
        try FileDescriptor.open(path, .writeOnly, options: [.create], permissions: [.ownerReadWrite]).close()
        defer { unlink(path.string) }
        let reader = try RegularFile.open(path)
        defer { try? reader.close() }
        for _ in 0..<100 {
            #expect(RegularFile.hasWriter(reader) == false)
            // With a lease in force this would fail.
            try FileDescriptor.open(path, .writeOnly, options: [.init(rawValue: O_NONBLOCK)]).close()
        }
    }
}
