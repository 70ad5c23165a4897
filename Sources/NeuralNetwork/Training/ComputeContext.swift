import CKernels
import Foundation

/// The threads, kernels and memory that the layers of a training run share. Only one thread at a time may use it.
public final class ComputeContext: @unchecked Sendable {
    // Invariant: used by one training thread; the pool's threads touch only their own scratch memory.

    /// The compute threads.
    public let threads: ThreadPool
    /// The selected kernels.
    public let kernels: ConvolutionKernels

    let passes: ck_training_kernels
    let memory = BatchMemory()
    private var scratch: [AlignedBuffer]

    /// The number of elements per work item of an element-wise pass.
    private static let passRange = 1 << 15
    /// The number of pixels per partial sum.
    private static let sumRange = 512

    /// Starts the threads and selects the kernels.
    ///
    /// - Parameters:
    ///   - threads: The number of compute threads.
    ///   - kernels: The instruction set by name (`SRGAN_KERNELS`); nil selects the best that this processor supports.
    public init(threads: Int, kernels name: String? = nil) {
        guard let kernels = ConvolutionKernels(named: name) else {
            preconditionFailure("there are no kernels named \(name ?? "") for this processor")
        }
        self.kernels = kernels
        self.threads = ThreadPool(count: threads)
        passes = ck_training_for(kernels.table).pointee
        scratch = (0..<threads).map { _ in AlignedBuffer(count: 0) }
    }

    /// Ensures that each thread has at least `count` floats of scratch memory.
    func reserveScratch(_ count: Int) {
        guard scratch[0].count < count else { return }
        scratch = scratch.indices.map { _ in AlignedBuffer(count: count) }
    }

    /// The scratch memory of a thread, valid until the next `reserveScratch`.
    func scratch(of worker: Int) -> UnsafeMutablePointer<Float> {
        scratch[worker].start
    }

    /// Calls `body` in parallel with ranges that cover `0..<count`.
    func pass(over count: Int, _ body: (_ range: Range<Int>) -> Void) {
        threads.run((count + Self.passRange - 1) / Self.passRange) { item, _ in
            body(item * Self.passRange..<min(count, (item + 1) * Self.passRange))
        }
    }

    /// Calls `body` in parallel with ranges that cover all pixels of a batch.
    func pass(overPixelsOf batch: Batch, _ body: (_ range: Range<Int>) -> Void) {
        let passRange = max(1, Self.passRange / max(1, batch.channels))
        threads.run((batch.pixels + passRange - 1) / passRange) { item, _ in
            body(item * passRange..<min(batch.pixels, (item + 1) * passRange))
        }
    }

    /// Sums over pixels in parallel. `body` adds a range of pixels to `width` partial sums that start at zero; the
    /// partial sums are added in order, so the result does not depend on the number of threads.
    func sums(
        over pixels: Int, width: Int, _ body: (_ range: Range<Int>, _ sums: UnsafeMutablePointer<Double>) -> Void
    ) -> [Double] {
        let items = (pixels + Self.sumRange - 1) / Self.sumRange
        let parts = UnsafeMutablePointer<Double>.allocate(capacity: max(1, items * width))
        defer { parts.deallocate() }
        parts.initialize(repeating: 0, count: items * width)
        threads.run(items) { item, _ in
            body(
                item * Self.sumRange..<min(pixels, (item + 1) * Self.sumRange), parts + item * width)
        }
        var totals = [Double](repeating: 0, count: width)
        for item in 0..<items {
            for i in 0..<width { totals[i] += parts[item * width + i] }
        }
        return totals
    }
}
