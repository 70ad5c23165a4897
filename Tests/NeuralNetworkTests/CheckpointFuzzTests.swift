import Fuzzing
import Testing

@testable import NeuralNetwork

/// Fuzzing of checkpoints: each must be read or refused without a crash.
struct CheckpointFuzzTests {
    /// Opcodes, and the names in PyTorch's pickles.
    private static let tokens: [[UInt8]] =
        ["(", ".", "R", "Q", "b", "c", "e", "h", "s", "t", "u", "J", "}", "]", "0", "N", "K\u{1}", "q\u{0}", "h\u{0}"]
        .map {
            Array($0.utf8)
        } + [[0x80, 2], [0x85], [0x86], [0x87], [0x8A, 8], [0x8A, 255], [0x93], [0x94], [0x95], [0x8C, 4]]
        + [
            "ctorch._utils\n_rebuild_tensor_v2\n", "ctorch\nFloatStorage\n", "ctorch\nLongStorage\n",
            "ccollections\nOrderedDict\n", "X\u{1}\u{0}\u{0}\u{0}a", "J\u{7F}\u{7F}\u{7F}\u{7F}", "storage", "cpu",
            "state_dict", "byteorder", "data.pkl", "PK\u{1}\u{2}", "PK\u{3}\u{4}", "PK\u{5}\u{6}",
        ].map { Array($0.utf8) }

    private static func judge(_ bytes: [UInt8]) -> FuzzCampaign.Verdict {
        do {
            let tensors = try PyTorchCheckpoint(bytes: bytes, name: "m.pth").tensors
            guard tensors.values.reduce(0, { $0 + $1.count }) <= 2 * bytes.count else { return .wrong("grew") }
            let written = SafetensorsFile(tensors: tensors).encoded()
            let again = try? SafetensorsFile(bytes: written, name: "m")
            return again?.encoded() == written ? .accepted : .wrong("the result cannot be encoded")
        } catch {
            return error.message.contains("m.pth") ? .refused : .wrong(error.message)
        }
    }

    private func expectBoth(_ tally: FuzzCampaign.Tally) {
        #expect(tally.wrong.isEmpty, "\(tally.wrong.joined(separator: "\n"))")
        #expect(tally.accepted > 100 && tally.refused > 100, "\(tally.accepted) read, \(tally.refused) refused")
    }

    @Test func changedFiles() throws {
        let corpus = try ["legacy", "zip", "unknown-wrapper", "hostile"].map { try CheckpointTests.bytes($0) }
        let handWritten = CheckpointTests.legacy(offset: "K\u{0}", size: "K\u{4}", stride: "K\u{1}")
        expectBoth(
            FuzzCampaign("checkpoint", share: 2).run(
                Mutator(corpus: corpus + [handWritten, handWritten], tokens: Self.tokens, seed: 4), Self.judge))
    }

    /// Changes the pickle before it is packed; otherwise the zip file's checksum would reject most changes before the
    /// pickle is parsed.
    @Test func changedPickles() throws {
        var pickles: [[UInt8]] = []
        var storages: [String: [UInt8]] = [:]
        for name in ["zip", "protocol-4"] {
            let whole = try CheckpointTests.bytes(name)
            for (entry, place) in try ZipArchive(bytes: whole, name: name).entries {
                let parts = entry.split(separator: "/")
                if parts.last == "data.pkl" { pickles.append(Array(whole[place.range])) }
                if parts.dropLast().last == "data" { storages[String(parts.last!)] = Array(whole[place.range]) }
            }
        }
        try #require(pickles.count == 2 && !storages.isEmpty)
        let tally = FuzzCampaign("pickle", share: 2).run(
            Mutator(corpus: pickles.sorted { $0.count < $1.count }, tokens: Self.tokens, seed: 5)
        ) { pickle in
            var entries = storages.map { ("m/data/\($0.key)", $0.value) }
            entries.append(("m/data.pkl", pickle))
            return Self.judge(StoredZip.bytes(entries))
        }
        expectBoth(tally)
    }

    @Test func deepNestingAndRepetitionAreBounded() {
        func code(_ bytes: [UInt8]) -> NeuralNetworkError.Code? {
            var cursor = ByteCursor(bytes, range: 0..<bytes.count, name: "m")
            do {
                _ = try PickleMachine.run(&cursor)
                return nil
            } catch {
                return error.code
            }
        }
        let deep = 200_000
        // Deeply nested lists: no code may recurse over them.
        let nested =
            [UInt8](repeating: UInt8(ascii: "]"), count: deep)
            + [UInt8](repeating: UInt8(ascii: "a"), count: deep - 1) + Array(".".utf8)
        #expect(code(nested) == nil)
        #expect(code([UInt8](repeating: UInt8(ascii: "("), count: 2 << 20)) == .malformed)
        #expect(code([UInt8](repeating: UInt8(ascii: "N"), count: 2 << 20)) == .malformed)
        // A list of 20,000 pairs that is converted to a dictionary again and again.
        var repeated = Array("](".utf8)
        for _ in 0..<20_000 { repeated += Array("NN\u{86}".unicodeScalars.map { UInt8($0.value) }) }
        repeated += Array("eq\u{0}".utf8)
        let call: [UInt8] = Array("ccollections\nOrderedDict\nh\u{0}".utf8) + [0x85] + Array("R0".utf8)
        for _ in 0..<1000 { repeated += call }
        #expect(code(repeated + Array(".".utf8)) == .malformed)
    }
}
