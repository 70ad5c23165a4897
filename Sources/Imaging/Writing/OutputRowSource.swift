/// Provides the rows of a result as the encoder requests them.
public protocol OutputRowSource: AnyObject, Sendable {
    /// Copies rows to the encoder; waits until they exist.
    ///
    /// Called on a thread of libvips, from the top, once for each row.
    /// - Parameters:
    ///   - rows: the rows to copy.
    ///   - destination: memory for the first row.
    ///   - stride: the distance in bytes between two rows at the destination.
    /// - Returns: false to abort, which makes the encoder fail.
    func copyRows(_ rows: Range<Int>, to destination: UnsafeMutableRawPointer, stride: Int) -> Bool
}
