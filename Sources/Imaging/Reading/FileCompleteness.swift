/// Detects files that end before their image is complete.
///
/// It uses lengths and end markers where the format has them. The decoders' messages are less reliable, because they
/// differ between libraries and versions.
enum FileCompleteness {
    /// Whether a file has its full length but ends in zeros where image data should be. An interrupted copy leaves such
    /// a file if the copying program set the file's size first. Decoders show such zeros as an area of one colour.
    ///
    /// Costs one read of 64 bytes for a file that does not end in zeros.
    ///
    /// - Parameter decodes: true to allow decoding the image; the caller must then have checked its size.
    static func endsInPadding(_ file: FileBytes, format: ImageFormat, decodes: Bool) -> Bool {
        let zeros = file.zeroTailStart
        guard file.size - zeros >= 16 else { return false }
        switch format {
        case .jpeg: return JPEGMarkers(file: file).end != .endMarker
        case .png: return !PNGChunks(file: file).isFinished
        case .gif: return !GIFBlocks(file: file).reachTrailer
        case .webp: return WebPZeroTail(file: file).isPadding(from: zeros, decodes: decodes)
        case .tiff: return TIFFZeroTail(file: file).isPadding(from: zeros)
        }
    }

    /// Whether a file that its decoder could not read is truncated.
    static func endsTooEarly(_ file: FileBytes, format: ImageFormat, decoderText: String) -> Bool {
        switch format {
        case .png: return PNGChunks(file: file).endsTooEarly || decoderText.lowercased().containsText("not enough")
        case .webp: return file.littleEndian32(at: 4).map { $0 + 8 > file.size } ?? true
        case .gif: return file.read(at: file.size - 1, count: 1) != [0x3B]
        case .jpeg:
            // A file that is only corrupt in the middle still has its end marker. Some cameras write padding after that
            // marker, so the last 4,096 bytes are searched for it.
            let tail = file.read(at: max(0, file.size - 4096), count: 4096)
            return !zip(tail, tail.dropFirst()).contains { $0 == 0xFF && $1 == 0xD9 }
                || decoderText.containsText("premature end")
        case .tiff:
            // TIFF stores no total length, and its strips and its directory may lie anywhere in the file. In a
            // truncated copy some of them lie beyond the end, so the decoder reports a failed read.
            let text = decoderText.lowercased()
            return ["read error", "not enough data", "cannot read", "can not read", "seek error", "unexpected end"]
                .contains {
                    text.containsText($0)
                }
        }
    }
}
