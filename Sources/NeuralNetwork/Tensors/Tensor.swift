import CKernels

/// A dense array of single-precision floats in row-major order.
///
/// Images are planar: `[channels, height, width]`. Shapes are checked once, where a tensor enters a layer; a wrong
/// shape is a programming error.
public struct Tensor: Sendable, Equatable {
    /// The extents, outermost dimension first; empty for a scalar.
    public let shape: [Int]
    /// The elements, innermost dimension contiguous.
    public var values: [Float]

    /// Makes a tensor of existing values; their count must match the shape.
    public init(shape: [Int], values: [Float]) {
        precondition(
            shape.allSatisfy { $0 >= 0 } && shape.reduce(1, *) == values.count,
            "the number of values does not match the shape")
        self.shape = shape
        self.values = values
    }

    /// Makes a tensor filled with `value`.
    public init(shape: [Int], repeating value: Float = 0) {
        self.init(shape: shape, values: [Float](repeating: value, count: shape.reduce(1, *)))
    }

    /// Makes a tensor whose elements `initialize` writes; it must write all of them.
    public init(shape: [Int], unsafeUninitialized initialize: (UnsafeMutablePointer<Float>) throws -> Void) rethrows {
        let count = shape.reduce(1, *)
        self.shape = shape
        self.values = try [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            if let base = buffer.baseAddress, count > 0 { try initialize(base) }
            initialized = count
        }
    }

    /// The number of elements.
    public var count: Int { values.count }

    /// Returns the sum of this tensor and another of the same shape.
    public func adding(_ other: Tensor) -> Tensor {
        precondition(shape == other.shape, "the shapes differ")
        var sum = self
        ck_add_f32(&sum.values, other.values, count)
        return sum
    }

    /// Returns the largest absolute difference between an element of this tensor and the same element of another tensor
    /// of the same shape; infinity if any element is NaN.
    public func largestDifference(to other: Tensor) -> Float {
        precondition(shape == other.shape, "the shapes differ")
        var largest: Float = 0
        for (a, b) in zip(values, other.values) {
            let difference = abs(a - b)
            if difference.isNaN { return .infinity }
            largest = max(largest, difference)
        }
        return largest
    }
}
