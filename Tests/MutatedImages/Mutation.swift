/// A random damage to one of the images. The same seed and number always give the same damage.
struct Mutation {
    private var generator: Generator

    init(seed: UInt64, number: Int) {
        generator = Generator(state: seed &* 0x1_0000_0001 &+ UInt64(number) &* 0xD1B5_4A32_D192_ED03)
    }

    /// The bytes of the damaged image, and the file name extension of the original.
    func apply(to images: [(name: String, bytes: [UInt8])]) -> (name: String, bytes: [UInt8]) {
        var generator = generator
        let (name, original) = images.randomElement(using: &generator)!
        var bytes = original
        for _ in 0..<Int.random(in: 1...4, using: &generator) { Self.damage(&bytes, &generator) }
        return (name, bytes)
    }

    private static func damage(_ bytes: inout [UInt8], _ generator: inout Generator) {
        guard bytes.count > 8 else { return }
        // Half of the damage goes into the header, which affects decoding more than the pixels do.
        let end = Bool.random(using: &generator) ? min(64, bytes.count) : bytes.count
        let position = Int.random(in: 0..<end, using: &generator)
        switch Int.random(in: 0..<7, using: &generator) {
        case 0: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: bytes[position] = .random(in: 0...255, using: &generator)
        case 2: bytes.removeLast(bytes.count - max(8, position))
        case 3: bytes.removeSubrange(position..<min(bytes.count, position + Int.random(in: 1...16, using: &generator)))
        case 4:
            let extreme = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &generator)!
            for index in position..<min(bytes.count, position + [1, 2, 4, 8].randomElement(using: &generator)!) {
                bytes[index] = UInt8(extreme)
            }
        case 5:
            let from = Int.random(in: 0..<bytes.count, using: &generator)
            let part = bytes[from..<min(bytes.count, from + Int.random(in: 1...200, using: &generator))]
            bytes.insert(contentsOf: Array(part), at: position)
        default:
            for index in position..<min(bytes.count, position + 32) {
                bytes[index] = .random(in: 0...255, using: &generator)
            }
        }
    }

    /// splitmix64.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
            return value ^ value >> 31
        }
    }
}
