/// Provides the rows of a result as the encoder requests them.
public protocol OutputRowSource: AnyObject, Sendable {
    /// Copies rows to the encoder; waits until they exist.
    ///
    /// A thread of libvips calls this function. It requests the rows from the top, each of them once.
    /// - Parameters:
    ///   - rows: the rows to copy.
    ///   - destination: memory for the first row.
    ///   - stride: the distance in bytes between two rows at the destination.
    /// - Returns: false to abort, which makes the encoder fail.
    func copyRows(_ rows: Range<Int>, to destination: UnsafeMutableRawPointer, stride: Int) -> Bool
}
