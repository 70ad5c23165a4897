import COpenBLAS

/// Products of matrices by OpenBLAS, each on the calling thread alone.
enum LinearAlgebra {
    /// Parallelism is ours (tiles, samples): OpenBLAS' own threads would only fight over the same cores.
    private static let singleThreaded: Void = openblas_set_num_threads(1)

    /// C = A B for row-major A: [rows, inner], B: [inner, columns], C: [rows, columns].
    ///
    /// `outputStride` is the distance between rows of C, so that C may be a band of a wider matrix.
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
