import CKernels

/// The fast kernels of one instruction set.
public struct ConvolutionKernels: @unchecked Sendable {
    // Invariant: the table is a constant of the program.

    let table: UnsafePointer<ck_kernels>

    /// The instruction set: avx512, avx2, neon or portable.
    public var name: String { String(cString: table.pointee.name) }

    /// Selects kernels by name, or the best that this processor runs; nil if there are none of this name here.
    public init?(named name: String? = nil) {
        guard let table = ck_select_kernels(name) else { return nil }
        self.table = table
    }
}
