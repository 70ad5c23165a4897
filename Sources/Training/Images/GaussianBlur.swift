import Foundation

/// A Gaussian blur whose two axes may have different standard deviations.
struct GaussianBlur: Sendable, Equatable {
    /// The standard deviations along the first and the second axis, in pixels.
    var sigmas: (along: Double, across: Double)
    /// The direction of the first axis, in radians.
    var angle: Double

    static func == (a: GaussianBlur, b: GaussianBlur) -> Bool { a.sigmas == b.sigmas && a.angle == b.angle }

    /// The kernel's radius: three times the larger standard deviation, rounded up.
    var radius: Int { Int((3 * max(sigmas.along, sigmas.across)).rounded(.up)) }

    /// The kernel's weights, `[2 radius + 1, 2 radius + 1]`; their sum is 1.
    var weights: [Float] {
        let (reach, sine, cosine) = (radius, sin(angle), cos(angle))
        var weights: [Double] = []
        for y in -reach...reach {
            for x in -reach...reach {
                let along = (Double(x) * cosine + Double(y) * sine) / sigmas.along
                let across = (Double(y) * cosine - Double(x) * sine) / sigmas.across
                weights.append(exp(-(along * along + across * across) / 2))
            }
        }
        let sum = weights.reduce(0, +)
        return weights.map { Float($0 / sum) }
    }

    /// Returns the blurred image; edge pixels are repeated beyond the edges.
    func callAsFunction(_ image: RGBImage) -> RGBImage {
        let (reach, weights) = (radius, weights)
        let (width, height, side) = (image.width, image.height, 2 * reach + 1)
        let paddedWidth = width + 2 * reach
        var padded = [Float](repeating: 0, count: paddedWidth * (height + 2 * reach))
        var result = [Float](repeating: 0, count: image.values.count)
        for plane in 0..<3 {
            for y in 0..<height + 2 * reach {
                let row = (plane * height + max(0, min(height - 1, y - reach))) * width
                for x in 0..<paddedWidth {
                    padded[y * paddedWidth + x] = image.values[row + max(0, min(width - 1, x - reach))]
                }
            }
            padded.withUnsafeBufferPointer { source in
                result.withUnsafeMutableBufferPointer { target in
                    for y in 0..<height {
                        let output = target.baseAddress! + (plane * height + y) * width
                        for tap in 0..<side * side {
                            let weight = weights[tap]
                            let input = source.baseAddress! + (y + tap / side) * paddedWidth + tap % side
                            for x in 0..<width { output[x] += weight * input[x] }
                        }
                    }
                }
            }
        }
        return RGBImage(width: width, height: height, values: result)
    }
}
