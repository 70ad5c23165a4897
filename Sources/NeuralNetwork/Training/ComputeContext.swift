import CKernels
import Foundation

/// What the layers of a training share: threads, kernels and memory. One thread at a time may use it.
public final class ComputeContext: @unchecked Sendable {
    // Invariant: used by one training thread; its pool's threads touch only their own scratch memory.

    /// The threads that compute.
    public let threads: ThreadPool
    /// The kernels that were chosen.
    public let kernels: ConvolutionKernels

    let passes: ck_training_kernels
    let memory = BatchMemory()
    private var scratch: [AlignedBuffer]

    /// Numbers of a pass that a thread takes at a time.
    private static let stretch = 1 << 15
    /// Pixels of a sum that are added up on their own.
    private static let pixelStretch = 512

    /// Starts threads and selects kernels.
    ///
    /// - Parameters:
    ///   - threads: How many threads compute.
    ///   - kernels: The instruction set by name (`SRGAN_KERNELS`), or nil for the best that this processor runs.
    public init(threads: Int, kernels name: String? = nil) {
        guard let kernels = ConvolutionKernels(named: name) else {
            preconditionFailure("there are no kernels named \(name ?? "") for this processor")
        }
        self.kernels = kernels
        self.threads = ThreadPool(count: threads)
        passes = ck_training_for(kernels.table).pointee
        scratch = (0..<threads).map { _ in AlignedBuffer(count: 0) }
    }

    /// Makes sure that each thread has `count` numbers of scratch memory.
    func reserveScratch(_ count: Int) {
        guard scratch[0].count < count else { return }
        scratch = scratch.indices.map { _ in AlignedBuffer(count: count) }
    }

    /// A thread's own scratch memory, valid until more is reserved.
    func scratch(of worker: Int) -> UnsafeMutablePointer<Float> {
        scratch[worker].start
    }

    /// Calls `body` with ranges that together are `0..<count`.
    func pass(over count: Int, _ body: (_ range: Range<Int>) -> Void) {
        threads.run((count + Self.stretch - 1) / Self.stretch) { item, _ in
            body(item * Self.stretch..<min(count, (item + 1) * Self.stretch))
        }
    }

    /// Calls `body` with ranges of pixels that together are all of a batch.
    func pass(overPixelsOf batch: Batch, _ body: (_ range: Range<Int>) -> Void) {
        let stretch = max(1, Self.stretch / max(1, batch.channels))
        threads.run((batch.pixels + stretch - 1) / stretch) { item, _ in
            body(item * stretch..<min(batch.pixels, (item + 1) * stretch))
        }
    }

    /// Sums over pixels: `body` adds those of a range of pixels to `width` numbers that start as zero.
    func sums(
        over pixels: Int, width: Int, _ body: (_ range: Range<Int>, _ sums: UnsafeMutablePointer<Double>) -> Void
    ) -> [Double] {
        let items = (pixels + Self.pixelStretch - 1) / Self.pixelStretch
        let parts = UnsafeMutablePointer<Double>.allocate(capacity: max(1, items * width))
        defer { parts.deallocate() }
        parts.initialize(repeating: 0, count: items * width)
        threads.run(items) { item, _ in
            body(
                item * Self.pixelStretch..<min(pixels, (item + 1) * Self.pixelStretch), parts + item * width)
        }
        var totals = [Double](repeating: 0, count: width)
        for item in 0..<items {
            for i in 0..<width { totals[i] += parts[item * width + i] }
        }
        return totals
    }
}
