import Foundation
import Testing

@testable import NeuralNetwork

/// Valid, malicious and damaged checkpoints, made by scripts/fixtures/make_checkpoints.py.
struct CheckpointTests {
    static func bytes(_ name: String) throws -> [UInt8] {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/checkpoint-\(name)", withExtension: "pth"))
        return [UInt8](try Data(contentsOf: url))
    }

    private func failure(_ bytes: [UInt8]) -> NeuralNetworkError? {
        do {
            _ = try PyTorchCheckpoint(bytes: bytes, name: "m.pth")
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [("zip", "zip"), ("legacy", "legacy"), ("protocol-4", "zip")])
    func readsCheckpointsOfPyTorch(_ name: String, _ container: String) throws {
        let checkpoint = try PyTorchCheckpoint(bytes: Self.bytes(name), name: name)
        #expect(checkpoint.container.rawValue == container)
        #expect(checkpoint.path == ["params_ema"])
        #expect(checkpoint.tensors == (try loadFixture("checkpoint")).tensors)
        #expect(checkpoint.tensors["transposed"]?.shape == [5, 4])
        #expect(checkpoint.tensors["norm.num_batches_tracked"] == nil)
    }

    @Test(arguments: [
        ("hostile", "posix.system"), ("hostile-legacy", "posix.system"), ("module", "__main__.Net"),
    ])
    func picklesThatNeedMoreThanDataAreRefused(_ name: String, _ global: String) throws {
        let error = try #require(failure(try Self.bytes(name)))
        #expect(error.code == .notPlainData)
        #expect(error.message.contains("\"\(global)\"") && error.message.contains("nothing in it was executed"))
        #expect(!FileManager.default.fileExists(atPath: "/tmp/srgan-pickle-was-run"))
    }

    @Test func errorsDescribeOtherContents() throws {
        let integers = try #require(failure(try Self.bytes("integers")))
        #expect(integers.code == .unsupportedType && integers.message.contains("\"a\""))
        let wrapper = try #require(failure(try Self.bytes("unknown-wrapper")))
        #expect(wrapper.code == .missingKey && wrapper.message.contains("\"weights\""))
        #expect(failure(try Self.bytes("compressed"))?.code == .unsupportedType)
        #expect(failure(Array("not a checkpoint".utf8))?.code == .malformed)
    }

    @Test(arguments: ["zip", "legacy"])
    func everyTruncationIsAnError(_ name: String) throws {
        let whole = try Self.bytes(name)
        for count in stride(from: 0, to: whole.count, by: 7) {
            #expect(failure(Array(whole[..<count])) != nil, "\(count) bytes")
        }
    }

    @Test func aChangedByteInAStorageIsDetected() throws {
        var bytes = try Self.bytes("zip")
        let number = try #require(loadFixture("checkpoint").tensors["float"]).values[7]
        let place = try #require(
            (0..<bytes.count - 4).first { at in
                withUnsafeBytes(of: number) { $0.elementsEqual(bytes[at..<at + 4]) }
            })
        bytes[place] ^= 1
        #expect(failure(bytes)?.message.contains("checksum") == true)
    }

    /// Hand-written views with false shapes, strides and offsets: `(offset, size, stride)` over a storage of four
    /// elements.
    @Test(arguments: [
        ("K\u{1}", "K\u{4}", "K\u{1}"), ("K\u{0}", "K\u{5}", "K\u{1}"),
        ("J\u{7F}\u{7F}\u{7F}\u{7F}", "K\u{1}", "K\u{1}"),
        ("K\u{0}", "J\u{7F}\u{7F}\u{7F}\u{7F}", "K\u{0}"), ("K\u{0}", "K\u{2}", "J\u{7F}\u{7F}\u{7F}\u{7F}"),
        ("J\u{0}\u{0}\u{0}\u{0}", "K\u{4}", "N"), ("K\u{0}", "K\u{4}", "K\u{1}K\u{1}"),
    ])
    func invalidViewsAreErrors(_ offset: String, _ size: String, _ stride: String) {
        #expect(failure(Self.legacy(offset: offset, size: size, stride: stride)) != nil)
    }

    @Test func theHandWrittenFileIsOtherwiseValid() throws {
        // A dimension of extent 1 may have any stride.
        for (size, stride) in [("K\u{4}", "K\u{1}"), ("K\u{1}", "J\u{7F}\u{7F}\u{7F}\u{7F}")] {
            let bytes = Self.legacy(offset: "K\u{0}", size: size, stride: stride)
            let tensors = try PyTorchCheckpoint(bytes: bytes, name: "m").tensors
            #expect(tensors["a"]?.values.first == 1)
        }
    }

    static func legacy(offset: String, size: String, stride: String) -> [UInt8] {
        let magic: [UInt8] = [
            0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
            0x80, 2, 0x4D, 0xE9, 3, 0x2E, 0x80, 2, 0x7D, 0x2E,
        ]
        let object =
            "}U\u{1}actorch._utils\n_rebuild_tensor_v2\n((U\u{7}storagectorch\nFloatStorage\nU\u{1}0U\u{3}cpuK\u{4}NtQ"
            + "\(offset)(\(size)t(\(stride)t\u{7D}tRs."
        let keys = "](U\u{1}0e."
        let numbers: [Float] = [1, 2, 3, 4]
        return magic + Array(object.utf8) + Array(keys.utf8) + [4, 0, 0, 0, 0, 0, 0, 0]
            + numbers.withUnsafeBytes { Array($0) }
    }
}
