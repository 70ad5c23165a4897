import Foundation

/// A filter with the same weights along both axes of a plane.
struct SeparableFilter: Sendable {
    /// The values that the filter reads beyond the plane's edges.
    enum Edge: Sendable {
        /// The pixel at the edge.
        case repeated
        /// The plane's mirror image, whose first pixel is the pixel at the edge.
        case mirrored
    }

    /// The weights. For output pixel `i`, the first weight belongs to input pixel `i * stride - (weights.count - 1) / 2`.
    var weights: [Double]
    /// How pixels outside the plane are read.
    var edge: Edge
    /// The distance between the input pixels of two neighbouring output pixels.
    var stride = 1

    /// The weights of a Gaussian of 2 * `radius` + 1 pixels; their sum is 1.
    static func gaussian(sigma: Double, radius: Int) -> [Double] {
        let raw = (-radius...radius).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
        let sum = raw.reduce(0, +)
        return raw.map { $0 / sum }
    }

    /// Returns the filtered plane, `[height / stride, width / stride]`. The plane's sides must be multiples of the
    /// stride and at least as long as the filter.
    func callAsFunction(_ plane: Plane) -> Plane {
        let (width, height) = (plane.width / stride, plane.height / stride)
        // Each pass filters the rows and transposes the result.
        let rows = filteredRows(plane.values, width: plane.width)
        return Plane(width: width, height: height, values: filteredRows(rows, width: plane.height))
    }

    private func filteredRows(_ values: [Double], width: Int) -> [Double] {
        let (height, outputs, taps) = (values.count / width, width / stride, weights.count)
        let sources = (0..<outputs * taps).map { index in
            position(index / taps * stride + index % taps - (taps - 1) / 2, width)
        }
        return [Double](unsafeUninitializedCapacity: outputs * height) { result, count in
            values.withUnsafeBufferPointer { values in
                weights.withUnsafeBufferPointer { weights in
                    sources.withUnsafeBufferPointer { sources in
                        for row in 0..<height {
                            for output in 0..<outputs {
                                var sum = 0.0
                                for tap in 0..<taps {
                                    sum += weights[tap] * values[row * width + sources[output * taps + tap]]
                                }
                                result[output * height + row] = sum
                            }
                        }
                    }
                }
            }
            count = outputs * height
        }
    }

    private func position(_ index: Int, _ count: Int) -> Int {
        switch edge {
        case .repeated: max(0, min(count - 1, index))
        case .mirrored: index < 0 ? -1 - index : index < count ? index : 2 * count - 1 - index
        }
    }
}
