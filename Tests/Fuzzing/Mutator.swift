/// Changes valid files into broken ones, for all fuzzing tests.
///
/// Input `i` depends only on the seed and on `i`, so a failure can be reproduced without the inputs before it.
public struct Mutator: Sendable {
    private let corpus: [[UInt8]]
    private let dictionary: [[UInt8]]
    private let seed: UInt64
    private let longest: Int

    /// - Parameters:
    ///   - corpus: Valid files, which should be small because every input is parsed.
    ///   - dictionary: Tokens with a meaning in the format, such as keys, opcodes and magic numbers.
    public init(corpus: [[UInt8]], dictionary: [String], seed: UInt64) {
        self.init(corpus: corpus, tokens: dictionary.map { Array($0.utf8) }, seed: seed)
    }

    /// The same with tokens that need not be text.
    public init(corpus: [[UInt8]], tokens: [[UInt8]], seed: UInt64) {
        precondition(!corpus.isEmpty && !tokens.isEmpty, "the corpus and the tokens must not be empty")
        self.corpus = corpus
        dictionary = tokens
        self.seed = seed
        longest = 2 * corpus.map(\.count).max()! + 64
    }

    /// Returns input `index`: a file of the corpus with one to six changes, mostly few.
    public func input(_ index: Int) -> [UInt8] {
        var random = SplitMix64(seed: seed &+ UInt64(index) &* 0xD134_2543_DE82_EF95)
        var bytes = corpus[random.below(corpus.count)]
        for _ in 0...random.below(1 + random.below(6)) { change(&bytes, &random) }
        return bytes
    }

    private func change(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        let token = dictionary[random.below(dictionary.count)]
        guard !bytes.isEmpty else {
            bytes = token
            return
        }
        let place = random.below(bytes.count)
        let rest = bytes.count - place
        switch random.below(12) {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 1, 2: bytes[place] ^= 1 << random.below(8)
        case 3: writeLength(&bytes, at: place, &random)
        case 4: editNumber(&bytes, near: place, &random)
        case 5: bytes.replaceSubrange(place..<place + min(rest, token.count), with: token)
        case 6 where bytes.count < longest: bytes.insert(contentsOf: token, at: place)
        case 7: bytes.removeSubrange(place..<place + min(rest, 1 + random.below(16)))
        case 8 where random.below(3) == 0: bytes.removeSubrange(place...)
        case 9 where bytes.count < longest:
            // Insert a copy of another part of the file.
            let from = random.below(bytes.count)
            bytes.insert(contentsOf: bytes[from..<min(bytes.count, from + 1 + random.below(48))], at: place)
        case 10 where bytes.count < longest:
            // Join the start of this file and the end of another.
            let other = corpus[random.below(corpus.count)]
            if !other.isEmpty { bytes.replaceSubrange(place..., with: other[random.below(other.count)...]) }
        default: bytes[place] = [0, 1, 0x7F, 0x80, 0xFE, 0xFF][random.below(6)]
        }
    }

    /// Writes a boundary value for lengths, offsets and counts, as 1 to 8 bytes in either byte order.
    private func writeLength(_ bytes: inout [UInt8], at place: Int, _ random: inout SplitMix64) {
        let width = min(1 << random.below(4), bytes.count - place)
        let limits = [
            0, 1, UInt64(bytes.count), UInt64(bytes.count - place), UInt64(place), UInt64.max, UInt64.max >> 1,
            1 << 63, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF, random.next(),
        ]
        let number = limits[random.below(limits.count)] &+ UInt64(random.below(3)) &- 1
        let isLittleEndian = random.below(2) == 0
        for i in 0..<width {
            bytes[place + i] = UInt8(truncatingIfNeeded: number >> UInt64(8 * (isLittleEndian ? i : width - 1 - i)))
        }
    }

    private static let numbers = [
        "0", "-1", "1", "2147483648", "4294967296", "9223372036854775807", "-9223372036854775808",
        "9223372036854775808", "18446744073709551616", "1e308", "-1e308", "1e999", "1.5", "0.1e-400", "1e18", "-0",
        "00", "1e", "0x7fffffffffffffff", "nan", "inf", "4611686018427387904",
    ].map { Array($0.utf8) }

    /// Replaces the next decimal number.
    private func editNumber(_ bytes: inout [UInt8], near place: Int, _ random: inout SplitMix64) {
        func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
        var start = place
        while start < bytes.count, !isDigit(bytes[start]) { start += 1 }
        var end = start
        while end < bytes.count, isDigit(bytes[end]) { end += 1 }
        bytes.replaceSubrange(start..<end, with: Self.numbers[random.below(Self.numbers.count)])
    }
}
