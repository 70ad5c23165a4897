/// One way to damage one of the images; the same number is always the same damage.
struct Mutation {
    private var generator: Generator

    init(seed: UInt64, number: Int) {
        generator = Generator(state: seed &* 0x1_0000_0001 &+ UInt64(number) &* 0xD1B5_4A32_D192_ED03)
    }

    /// The damaged image, and the extension of the whole one.
    func apply(to images: [(name: String, bytes: [UInt8])]) -> (name: String, bytes: [UInt8]) {
        var generator = generator
        let (name, whole) = images.randomElement(using: &generator)!
        var bytes = whole
        for _ in 0..<Int.random(in: 1...4, using: &generator) { Self.damage(&bytes, &generator) }
        return (name, bytes)
    }

    private static func damage(_ bytes: inout [UInt8], _ generator: inout Generator) {
        guard bytes.count > 8 else { return }
        // Headers decide more than pixels do.
        let end = Bool.random(using: &generator) ? min(64, bytes.count) : bytes.count
        let place = Int.random(in: 0..<end, using: &generator)
        switch Int.random(in: 0..<7, using: &generator) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: bytes[place] = .random(in: 0...255, using: &generator)
        case 2: bytes.removeLast(bytes.count - max(8, place))
        case 3: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...16, using: &generator)))
        case 4:
            let extreme = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &generator)!
            for index in place..<min(bytes.count, place + [1, 2, 4, 8].randomElement(using: &generator)!) {
                bytes[index] = UInt8(extreme)
            }
        case 5:
            let from = Int.random(in: 0..<bytes.count, using: &generator)
            let part = bytes[from..<min(bytes.count, from + Int.random(in: 1...200, using: &generator))]
            bytes.insert(contentsOf: Array(part), at: place)
        default:
            for index in place..<min(bytes.count, place + 32) { bytes[index] = .random(in: 0...255, using: &generator) }
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
