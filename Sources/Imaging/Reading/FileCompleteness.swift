/// Tells a file that ends too early from one that is whole but broken, after its decoder gave up.
///
/// The decoders' own words differ between libraries and versions; the containers' lengths do not.
enum FileCompleteness {
    /// Whether the container promises more bytes than the file has.
    static func endsTooEarly(_ file: FileBytes, format: ImageFormat, decoderText: String) -> Bool {
        switch format {
        case .png: return PNGChunks(file: file).endsTooEarly
        case .webp: return file.littleEndian32(at: 4).map { $0 + 8 > file.size } ?? true
        case .gif: return file.read(at: file.size - 1, count: 1) != [0x3B]
        case .jpeg:
            // Data that merely goes wrong in the middle still has its end marker; what follows it is some cameras' padding.
            let tail = file.read(at: max(0, file.size - 4096), count: 4096)
            return !zip(tail, tail.dropFirst()).contains { $0 == 0xFF && $1 == 0xD9 }
                || decoderText.containsText("premature end")
        case .tiff:
            // Strips may lie anywhere; a directory beyond the end is what a copy that was cut short looks like.
            let text = decoderText.lowercased()
            return ["read error", "not enough data", "cannot read", "can not read", "seek error", "unexpected end"]
                .contains {
                    text.containsText($0)
                }
        }
    }
}
