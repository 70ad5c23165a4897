import Testing

@testable import Imaging

struct JPEGCompressionTests {
    private static let (width, height) = (37, 21)

    /// Soft waves with a little noise.
    private static let image: [UInt8] = (0..<3 * width * height).map { i in
        let (x, y, channel) = (i / 3 % width, i / 3 / width, i % 3)
        return UInt8(100 + (x * (3 + channel) + y * 5) % 64 + i * i % 23)
    }

    private func error(quality: Int) throws -> Double {
        let result = try JPEGCompression.roundTrip(
            Self.image, width: Self.width, height: Self.height, quality: quality)
        #expect(result.count == Self.image.count)
        let squares = zip(Self.image, result).map { (Double($0) - Double($1)) * (Double($0) - Double($1)) }
        return squares.reduce(0, +) / Double(squares.count)
    }

    @Test func lowerQualityLosesMore() throws {
        let (best, middle, worst) = (try error(quality: 100), try error(quality: 75), try error(quality: 20))
        #expect(best < 3 && best < middle && middle < worst)
    }

    @Test func theSameImageGivesTheSameBytes() throws {
        func once() throws -> [UInt8] {
            try JPEGCompression.roundTrip(Self.image, width: Self.width, height: Self.height, quality: 60)
        }
        #expect(try once() == once())
    }

    @Test func oneColourStays() throws {
        let pixels = [UInt8](repeating: 0, count: 3 * 16 * 8).indices.map { UInt8([200, 40, 90][$0 % 3]) }
        let result = try JPEGCompression.roundTrip(pixels, width: 16, height: 8, quality: 50)
        #expect(zip(pixels, result).allSatisfy { abs(Int($0) - Int($1)) <= 4 })
    }
}
