/// Puts metadata into the beginning of a file that an encoder writes without metadata.
///
/// libvips can write metadata too, but it changes them: it adds tags and a resolution that the input does not have,
/// writes PNG's EXIF chunk twice, and turns UTF-8 texts into Latin-1.
protocol FileHead {
    /// The bytes to write in place of the file's first bytes; nil until `start` is long enough to decide that.
    ///
    /// - Parameter start: all bytes that the encoder has written so far.
    func replacement(for start: [UInt8]) -> [UInt8]?
}
