import CKernels

/// The fast convolution functions (kernels) for one instruction set.
public struct ConvolutionKernels: @unchecked Sendable {
    // Invariant: `table` points to a constant.

    let table: UnsafePointer<ck_kernels>

    /// The instruction set: avx512, avx2, neon or portable.
    public var name: String { String(cString: table.pointee.name) }

    /// Selects the kernels named `name`, or the best that this processor supports. nil if this machine has no kernels
    /// of that name.
    public init?(named name: String? = nil) {
        guard let table = ck_select_kernels(name) else { return nil }
        self.table = table
    }
}
