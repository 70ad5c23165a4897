import Imaging
import Testing

@Suite("Alpha")
struct AlphaTests {
    @Test("transparent pixels take neighbouring colours, ring by ring, up to the radius")
    func bleed() {
        let (width, height) = (40, 3)
        var colour = [Float](repeating: 0.9, count: width * height)
        var alpha = [Float](repeating: 0, count: width * height)
        for y in 0..<height {
            for x in 0..<10 {
                colour[y * width + x] = 0.25
                alpha[y * width + x] = x == 9 ? 0.01 : 1
            }
        }
        var planes = colour + alpha
        planes.withUnsafeMutableBufferPointer { AlphaBleed.apply(to: $0, colours: 1, width: width, height: height) }
        for y in 0..<height {
            for x in 0..<width {
                let expected: Float = x < 10 + AlphaBleed.radius ? 0.25 : 0.9
                #expect(abs(planes[y * width + x] - expected) < 1e-6, "pixel \(x), \(y)")
            }
        }
        #expect(Array(planes[(width * height)...]) == alpha)
    }

    @Test("a filled pixel depends only on pixels within the radius, so tiles agree")
    func locality() {
        let (width, height) = (64, 48)
        var generator = SeededGenerator(state: 7)
        let visible = (0..<(width * height)).map { _ in Int.random(in: 0..<40, using: &generator) == 0 }
        let count = width * height
        let colours = (0..<(3 * count)).map { _ in Float.random(in: 0...1, using: &generator) }
        var whole = colours + visible.map { $0 ? 1 : 0 }
        whole.withUnsafeMutableBufferPointer { AlphaBleed.apply(to: $0, colours: 3, width: width, height: height) }

        let keep = PixelRegion(x: 20, y: 15, width: 16, height: 16)
        let part = keep.grown(by: AlphaBleed.radius, imageWidth: width, imageHeight: height)
        var cut: [Float] = []
        for plane in 0..<4 {
            for y in part.y..<part.endY {
                for x in part.x..<part.endX {
                    let index = y * width + x
                    cut.append(plane < 3 ? colours[plane * count + index] : visible[index] ? 1 : 0)
                }
            }
        }
        cut.withUnsafeMutableBufferPointer {
            AlphaBleed.apply(to: $0, colours: 3, width: part.width, height: part.height)
        }
        for plane in 0..<3 {
            for y in keep.y..<keep.endY {
                for x in keep.x..<keep.endX {
                    let inPart = (plane * part.height + y - part.y) * part.width + x - part.x
                    #expect(cut[inPart] == whole[plane * count + y * width + x])
                }
            }
        }
    }

    @Test("areas of constant alpha keep their exact value")
    func flat() {
        let (width, height, scale) = (9, 7, 2)
        var alpha = [Float](repeating: 1, count: width * height)
        alpha[3 * width + 8] = 0
        let keep = PixelRegion(x: 1, y: 1, width: 8, height: 5)
        var upscaled = [Float](repeating: 0.5, count: scale * scale * keep.pixelCount)
        FlatAlpha.restore(alpha, width: width, height: height, keep: keep, scale: scale, in: &upscaled)
        for y in 0..<(keep.height * scale) {
            for x in 0..<(keep.width * scale) {
                let (sourceX, sourceY) = (keep.x + x / scale, keep.y + y / scale)
                let isNear = abs(sourceX - 8) <= FlatAlpha.radius && abs(sourceY - 3) <= FlatAlpha.radius
                #expect(upscaled[y * keep.width * scale + x] == (isNear ? 0.5 : 1))
            }
        }
    }

    @Test("conversion between planes and samples is lossless in both directions", arguments: [8, 16])
    func packing(bits: Int) {
        let layout = PixelLayout(colours: 3, hasAlpha: true, bits: bits)
        let (width, height) = (257, 3)
        let samples = (0..<(width * height * 4)).map { UInt16($0 * 7919 % (layout.maximum + 1)) }
        let raw: [UInt8] =
            bits == 8 ? samples.map { UInt8($0) } : samples.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        var planes = [Float](repeating: -1, count: width * height * 4)
        let region = PixelRegion(x: 0, y: 0, width: width, height: height)
        raw.withUnsafeBytes { pixels in
            planes.withUnsafeMutableBufferPointer {
                PixelUnpacking.unpack(
                    pixels.baseAddress!, imageWidth: width, firstRow: 0, layout: layout, region: region, into: $0)
            }
        }
        #expect(planes.allSatisfy { (0...1).contains($0) })
        var back = [UInt8](repeating: 0, count: raw.count)
        back.withUnsafeMutableBytes { target in
            planes.withUnsafeBufferPointer { source in
                for channel in 0..<4 {
                    PixelPacking.pack(
                        source.baseAddress! + channel * width * height, width: width, height: height,
                        into: target.baseAddress!, stride: width * layout.bytesPerPixel, layout: layout,
                        channel: channel)
                }
            }
        }
        #expect(back == raw)
    }

    @Test("values outside the range are clamped")
    func clamping() {
        let plane: [Float] = [-3, -0.001, 0, 0.5, 1, 1.001, 7, .nan, .infinity]
        var out = [UInt8](repeating: 9, count: plane.count)
        out.withUnsafeMutableBytes {
            PixelPacking.pack(
                plane, width: plane.count, height: 1, into: $0.baseAddress!, stride: plane.count,
                layout: PixelLayout(colours: 1, hasAlpha: false, bits: 8), channel: 0)
        }
        #expect(out == [0, 0, 0, 128, 255, 255, 255, 0, 255])
    }
}

/// A random number generator with the same sequence in every run (splitmix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
