/// Distinguishes a truncated file from a complete but corrupt one, after its decoder failed.
///
/// It uses the lengths and end markers in the file where the format has them, because the decoders' messages differ
/// between libraries and versions.
enum FileCompleteness {
    /// Whether the file ends before its format says it should.
    static func endsTooEarly(_ file: FileBytes, format: ImageFormat, decoderText: String) -> Bool {
        switch format {
        case .png: return PNGChunks(file: file).endsTooEarly
        case .webp: return file.littleEndian32(at: 4).map { $0 + 8 > file.size } ?? true
        case .gif: return file.read(at: file.size - 1, count: 1) != [0x3B]
        case .jpeg:
            // A file that is only corrupt in the middle still has its end marker. Some cameras write padding after it.
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
