/// Makes the rows of a result as the encoder asks for them.
public protocol OutputRowSource: AnyObject, Sendable {
    /// Copies rows to the encoder, waiting until they exist.
    ///
    /// Called on a thread of libvips, with rows from the top, each once.
    /// - Parameters:
    ///   - rows: which ones.
    ///   - destination: where the first one goes.
    ///   - stride: the distance in bytes from one row to the next at the destination.
    /// - Returns: false to give up, which makes the encoder fail.
    func copyRows(_ rows: Range<Int>, to destination: UnsafeMutableRawPointer, stride: Int) -> Bool
}
