import COpenBLAS

/// Matrix products by OpenBLAS on the calling thread.
enum LinearAlgebra {
    /// OpenBLAS' own threads are disabled: the callers compute tiles or images in parallel and need all cores.
    private static let singleThreaded: Void = openblas_set_num_threads(1)

    /// Computes C = A B for row-major A [rows, inner], B [inner, columns] and C [rows, columns].
    ///
    /// `outputStride` is the number of floats from one row of C to the next, so C may consist of some columns of a
    /// wider matrix.
    static func multiply(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>, rows: Int,
        inner: Int, columns: Int, outputStride: Int
    ) {
        _ = singleThreaded
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(rows), blasint(columns), blasint(inner), 1, a,
            blasint(inner), b, blasint(columns), 0, c, blasint(outputStride))
    }
}
