import CKernels

/// A dense array of single-precision numbers in row-major order.
///
/// Images are planar: `[channels, height, width]`. Shapes are a caller's business and are checked once, where a tensor
/// enters a layer.
public struct Tensor: Sendable, Equatable {
    /// The extents, outermost first; empty for a single number.
    public let shape: [Int]
    /// The numbers, innermost dimension contiguous.
    public var values: [Float]

    /// Wraps numbers in a shape that holds exactly as many.
    public init(shape: [Int], values: [Float]) {
        precondition(shape.allSatisfy { $0 >= 0 } && shape.reduce(1, *) == values.count, "shape and count differ")
        self.shape = shape
        self.values = values
    }

    /// Makes a tensor whose numbers are all `value`.
    public init(shape: [Int], repeating value: Float = 0) {
        self.init(shape: shape, values: [Float](repeating: value, count: shape.reduce(1, *)))
    }

    /// Makes a tensor whose numbers `initialize` writes, every one of them.
    public init(shape: [Int], unsafeUninitialized initialize: (UnsafeMutablePointer<Float>) throws -> Void) rethrows {
        let count = shape.reduce(1, *)
        self.shape = shape
        self.values = try [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            if let base = buffer.baseAddress, count > 0 { try initialize(base) }
            initialized = count
        }
    }

    /// How many numbers there are.
    public var count: Int { values.count }

    /// The sum with a tensor of the same shape.
    public func adding(_ other: Tensor) -> Tensor {
        precondition(shape == other.shape, "the shapes differ")
        var sum = self
        ck_add_f32(&sum.values, other.values, count)
        return sum
    }

    /// The largest absolute difference to a tensor of the same shape; NaN anywhere gives infinity.
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
