/// Distinguishes a truncated file from a complete but corrupt one, after its decoder failed.
///
/// The decoders' messages differ between libraries and versions; the lengths that the containers state do not.
enum FileCompleteness {
    /// Whether the file is shorter than its container states.
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
            // Strips may lie anywhere in a file. In a truncated copy the directory or a strip lies beyond the end, and
            // reading it fails.
            let text = decoderText.lowercased()
            return ["read error", "not enough data", "cannot read", "can not read", "seek error", "unexpected end"]
                .contains {
                    text.containsText($0)
                }
        }
    }
}
