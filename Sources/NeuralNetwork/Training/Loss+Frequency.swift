import Foundation

extension Loss {
    /// The mean absolute difference between the discrete Fourier transforms of two batches, over their real and
    /// imaginary parts: in PyTorch `view_as_real(fft2(input - target, norm="ortho")).abs().mean()`.
    ///
    /// An error in the strength of a texture is concentrated in few frequencies, where this loss sees it; the mean
    /// absolute error of pixels does not depend on how an error is arranged.
    public static func frequencies(
        _ input: Batch, _ target: Batch, weight: Float = 1, context: ComputeContext
    ) -> (loss: Double, gradient: Batch) {
        precondition(input.shape == target.shape, "the shapes differ")
        let gradient = input.sibling(context)
        let (height, width, area) = (input.height, input.width, input.height * input.width)
        let (rows, columns) = (Waves(height), Waves(width))
        let factor = weight / Float(2 * input.numbers)
        var losses = [Double](repeating: 0, count: input.count * input.channels)
        losses.withUnsafeMutableBufferPointer { losses in
            context.threads.run(input.count * input.channels) { item, _ in
                let channel = item % input.channels
                let first = item / input.channels * input.imageCount + channel
                var (plane, real, imaginary) = (Plane(area), Plane(area), Plane(area))
                for i in 0..<area {
                    let place = first + i * input.channels
                    plane.values[i] = input.start[place] - target.start[place]
                }
                /// Multiplies by a matrix of cosines or sines on the left.
                func left(_ matrix: [Float], _ plane: Plane) -> Plane {
                    product(matrix, plane.values, rows: height, inner: height, columns: width)
                }
                /// Multiplies by a matrix of cosines or sines on the right.
                func right(_ plane: Plane, _ matrix: [Float]) -> Plane {
                    product(plane.values, matrix, rows: height, inner: width, columns: width)
                }
                let (cosines, sines) = (right(plane, columns.cosines), right(plane, columns.sines))
                real.set(left(rows.cosines, cosines), minus: left(rows.sines, sines))
                imaginary.set(left(rows.sines, cosines), plus: left(rows.cosines, sines))
                for i in 0..<area { losses[item] += Double(abs(real.values[i]) + abs(imaginary.values[i])) }
                real.takeSigns(times: factor)
                imaginary.takeSigns(times: factor)
                // The transform's matrices are symmetric, so the gradient is a product with the same matrices. The
                // imaginary part above has the opposite sign of the transform's, which the absolute value removes.
                var (even, odd) = (Plane(area), Plane(area))
                even.set(right(real, columns.cosines), plus: right(imaginary, columns.sines))
                odd.set(right(imaginary, columns.cosines), minus: right(real, columns.sines))
                plane.set(left(rows.cosines, even), plus: left(rows.sines, odd))
                for i in 0..<area { gradient.start[first + i * input.channels] = plane.values[i] }
            }
        }
        return (losses.reduce(0, +) / Double(2 * input.numbers), gradient)
    }

    private static func product(_ a: [Float], _ b: [Float], rows: Int, inner: Int, columns: Int) -> Plane {
        var result = Plane(rows * columns)
        result.values.withUnsafeMutableBufferPointer {
            LinearAlgebra.multiply(
                a, b, into: $0.baseAddress!, rows: rows, inner: inner, columns: columns, outputStride: columns)
        }
        return result
    }

    /// The matrices `[count, count]` of a Fourier transform of `count` numbers, divided by the root of `count`.
    private struct Waves {
        var cosines: [Float]
        var sines: [Float]

        init(_ count: Int) {
            let angles = (0..<count * count).map {
                2 * Double.pi * Double($0 / count * ($0 % count) % count) / Double(count)
            }
            let scale = 1 / Double(count).squareRoot()
            cosines = angles.map { Float(cos($0) * scale) }
            sines = angles.map { Float(sin($0) * scale) }
        }
    }

    /// One channel of an image, or one part of its transform.
    private struct Plane {
        var values: [Float]

        init(_ count: Int) { values = [Float](repeating: 0, count: count) }

        mutating func set(_ a: Plane, plus b: Plane) {
            for i in values.indices { values[i] = a.values[i] + b.values[i] }
        }

        mutating func set(_ a: Plane, minus b: Plane) {
            for i in values.indices { values[i] = a.values[i] - b.values[i] }
        }

        mutating func takeSigns(times factor: Float) {
            for i in values.indices { values[i] = values[i] > 0 ? factor : values[i] < 0 ? -factor : 0 }
        }
    }
}
