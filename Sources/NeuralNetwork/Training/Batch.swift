import CKernels
import Foundation
import Synchronization

/// Images or feature maps of equal size, `[N, C, H, W]`, with the channels innermost in memory
/// (`torch.channels_last`).
///
/// When the last reference is released, the memory returns to the context for reuse, so training allocates nothing
/// after its first step.
public final class Batch: @unchecked Sendable {
    // Invariant: only the code that creates a batch writes to it, and only before other code can use it.

    /// The number of images.
    public let count: Int
    /// The number of channels.
    public let channels: Int
    /// The height of an image.
    public let height: Int
    /// The width of an image.
    public let width: Int
    /// The elements in the order image, row, column, channel.
    public let start: UnsafeMutablePointer<Float>

    private let buffer: AlignedBuffer
    private let memory: BatchMemory

    /// Makes a batch with uninitialised elements.
    public init(_ context: ComputeContext, count: Int, channels: Int, height: Int, width: Int) {
        precondition(count > 0 && channels > 0 && height > 0 && width > 0, "a batch must not be empty")
        self.count = count
        self.channels = channels
        self.height = height
        self.width = width
        memory = context.memory
        buffer = memory.take(count * channels * height * width)
        start = buffer.start
    }

    /// Copies a tensor `[N, C, H, W]`.
    public convenience init(_ context: ComputeContext, _ tensor: Tensor) {
        precondition(tensor.shape.count == 4, "the tensor must have four dimensions")
        self.init(
            context, count: tensor.shape[0], channels: tensor.shape[1], height: tensor.shape[2],
            width: tensor.shape[3])
        tensor.values.withUnsafeBufferPointer { values in
            for sample in 0..<count {
                ck_transpose_f32(
                    values.baseAddress! + sample * imageCount, channels, height * width, start + sample * imageCount
                )
            }
        }
    }

    deinit {
        memory.give(buffer)
    }

    /// `[N, C, H, W]`.
    public var shape: [Int] { [count, channels, height, width] }
    /// The number of pixels in all images.
    public var pixels: Int { count * height * width }
    /// The number of elements in one image.
    public var imageCount: Int { channels * height * width }
    /// The number of elements in all images.
    public var numbers: Int { count * imageCount }

    /// A copy as a tensor `[N, C, H, W]`, with the channels outermost in each image.
    public var tensor: Tensor {
        Tensor(shape: shape) { values in
            for sample in 0..<count {
                ck_transpose_f32(
                    start + sample * imageCount, height * width, channels, values + sample * imageCount)
            }
        }
    }

    /// A table of the rows of all images.
    func rowTable() -> RowTable {
        RowTable(start: start, row: width * channels, count: count * height, capacity: count * height)
    }

    /// True when no element is infinite or NaN.
    public var isFinite: Bool { ck_all_finite_f32(start, numbers) == 1 }

    /// Makes an uninitialised batch of the same shape.
    public func sibling(_ context: ComputeContext) -> Batch {
        Batch(context, count: count, channels: channels, height: height, width: width)
    }

    /// Returns the sum of this batch and another of the same shape.
    public func adding(_ other: Batch, _ context: ComputeContext) -> Batch {
        precondition(shape == other.shape, "the shapes differ")
        let sum = sibling(context)
        context.pass(over: numbers) { range in
            let first = range.lowerBound
            context.passes.add(start + first, other.start + first, range.count, sum.start + first)
        }
        return sum
    }

    /// Applies PReLU with one slope per channel.
    func rectified(slopes: UnsafePointer<Float>, _ context: ComputeContext) -> Batch {
        let result = sibling(context)
        context.pass(overPixelsOf: self) { range in
            let first = range.lowerBound * channels
            context.passes.prelu(start + first, slopes, range.count, channels, result.start + first)
        }
        return result
    }

    /// Returns the gradient with respect to the input of a leaky ReLU whose output is this batch.
    func leakyGradient(_ gradient: Batch, slope: Float, _ context: ComputeContext) -> Batch {
        let result = sibling(context)
        leakyGradient(gradient, slope: slope, into: result, context)
        return result
    }

    /// Writes the gradient with respect to the leaky ReLU's input to `result`, which may be `gradient` itself.
    func leakyGradient(_ gradient: Batch, slope: Float, into result: Batch, _ context: ComputeContext) {
        context.pass(over: numbers) { range in
            let first = range.lowerBound
            context.passes.leaky_gradient(
                start + first, slope, gradient.start + first, range.count, result.start + first)
        }
    }

    func zero() {
        memset(start, 0, numbers * MemoryLayout<Float>.stride)
    }
}

/// The buffers of released batches, by size; new batches reuse them.
final class BatchMemory: Sendable {
    private let free = Mutex<[Int: [AlignedBuffer]]>([:])

    func take(_ count: Int) -> AlignedBuffer {
        free.withLock { $0[count]?.popLast() } ?? AlignedBuffer(count: count)
    }

    func give(_ buffer: AlignedBuffer) {
        free.withLock { $0[buffer.count, default: []].append(buffer) }
    }
}
