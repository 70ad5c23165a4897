import Testing

@testable import NeuralNetwork

/// Files that were changed at random, from a fixed seed: each must be read or refused, and crash nothing.
struct CheckpointFuzzTests {
    /// A small generator of random numbers that gives the same numbers on every machine (SplitMix64).
    private struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
            return z ^ z >> 31
        }
    }

    /// Bytes that mean much to a stack machine or to a count.
    private static let telling: [UInt8] =
        [0, 1, 0x7F, 0x80, 0xFF, 0x85, 0x87, 0x8A, 0x93, 0x94, 0x95] + Array("(.RQbcehstuJ}]0".utf8)

    private static func mutate(_ bytes: [UInt8], within range: Range<Int>, _ random: inout Random) -> [UInt8] {
        var result = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: range, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: result[place] = UInt8.random(in: 0...255, using: &random)
            case 1: result[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2: result[place] = telling.randomElement(using: &random)!
            case 3:
                // A part of the pickle elsewhere in it.
                let from = Int.random(in: range, using: &random)
                let count = min(Int.random(in: 1...24, using: &random), range.upperBound - max(from, place))
                if count > 0 { result.replaceSubrange(place..<place + count, with: bytes[from..<from + count]) }
            default:
                let count = min(Int.random(in: 1...8, using: &random), range.upperBound - place)
                for index in place..<place + count { result[index] = 0xFF }
            }
        }
        return result
    }

    @Test(arguments: ["legacy", "zip", "protocol-4"])
    func changedFiles(_ name: String) throws {
        let whole = try CheckpointTests.bytes(name)
        var random = Random(state: 4)
        var refused = 0
        for _ in 0..<1500 {
            let bytes = Self.mutate(whole, within: 0..<whole.count, &random)
            do {
                _ = try PyTorchCheckpoint(bytes: bytes, name: "m")
            } catch {
                refused += 1
            }
        }
        #expect(refused > 100)
    }

    /// The checksums of a zip file would keep most changes away from the pickle: here it is fed alone.
    @Test(arguments: ["legacy", "protocol-4"])
    func changedPickles(_ name: String) throws {
        let whole = try CheckpointTests.bytes(name)
        let pickle: [UInt8]
        if name == "legacy" {
            pickle = Array(whole.dropFirst(21))
        } else {
            let archive = try ZipArchive(bytes: whole, name: name)
            pickle = Array(whole[try archive.contents(of: "checkpoint-protocol-4/data.pkl")])
        }
        var random = Random(state: 5)
        var refused = 0
        for _ in 0..<3000 {
            let bytes = Self.mutate(pickle, within: 0..<pickle.count, &random)
            var cursor = ByteCursor(bytes, range: 0..<bytes.count, name: "m")
            do {
                while cursor.remaining > 0 { _ = try PickleMachine.run(&cursor) }
            } catch {
                refused += 1
            }
        }
        #expect(refused > 1000)
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
        // A list in a list in a list: nothing recurses over it.
        let nested =
            [UInt8](repeating: UInt8(ascii: "]"), count: deep)
            + [UInt8](repeating: UInt8(ascii: "a"), count: deep - 1) + Array(".".utf8)
        #expect(code(nested) == nil)
        #expect(code([UInt8](repeating: UInt8(ascii: "("), count: 2 << 20)) == .malformed)
        #expect(code([UInt8](repeating: UInt8(ascii: "N"), count: 2 << 20)) == .malformed)
        // One list of 20,000 pairs, made into a dictionary again and again.
        var repeated = Array("](".utf8)
        for _ in 0..<20_000 { repeated += Array("NN\u{86}".unicodeScalars.map { UInt8($0.value) }) }
        repeated += Array("eq\u{0}".utf8)
        let call: [UInt8] = Array("ccollections\nOrderedDict\nh\u{0}".utf8) + [0x85] + Array("R0".utf8)
        for _ in 0..<1000 { repeated += call }
        #expect(code(repeated + Array(".".utf8)) == .malformed)
    }
}
