import CVips

/// Distinguishes zeros that a WebP file's image needs from zeros that stand in place of missing data.
///
/// The number of zeros proves nothing: WebP's lossy and lossless encoders may both write thousands of zero bytes for an
/// area of one colour. But an encoder writes no byte that the decoder does not need. Zeros in place of missing data, by
/// contrast, are decoded as an area of one colour, for which the decoder needs only few of them. So the image is
/// decoded once more without its last zeros. If that succeeds, the zeros stand in place of missing data.
struct WebPZeroTail {
    let file: FileBytes

    /// Whether the zeros from an offset to the end of the file stand in place of missing data.
    ///
    /// - Parameter decodes: true to allow decoding the image; the caller must then have checked its size. If false,
    ///   only missing chunks are detected.
    func isPadding(from zeros: Int, decodes: Bool) -> Bool {
        isPadding(from: zeros, chunksAt: 12, end: file.size, decodes: decodes)
    }

    private func isPadding(from zeros: Int, chunksAt start: Int, end: Int, decodes: Bool) -> Bool {
        var offset = start
        while offset + 8 <= end {
            let name = file.read(at: offset, count: 4)
            guard name.allSatisfy({ $0 != 0 }), let length = file.littleEndian32(at: offset + 4) else {
                // There is no chunk at this offset, but chunks must follow up to the length that the file's header
                // states.
                return offset < statedSize
            }
            let payload = (offset + 8)..<(offset + 8 + length)
            guard payload.upperBound <= file.size else { return true }
            // A frame of an animation: 16 bytes about the frame, then chunks.
            if name == Array("ANMF".utf8), payload.upperBound > zeros, payload.count > 16,
                isPadding(from: zeros, chunksAt: payload.lowerBound + 16, end: payload.upperBound, decodes: decodes)
            {
                return true
            }
            let isImage = [Array("VP8 ".utf8), Array("VP8L".utf8)].contains(name)
            if isImage, decodes, payload.upperBound > zeros, decodesWithoutTail(of: payload, zeros: zeros) {
                return true
            }
            offset = payload.upperBound + length % 2
        }
        return false
    }

    private var statedSize: Int { (file.littleEndian32(at: 4) ?? 0) + 8 }

    /// The smallest number of zeros that is left out for the test. Fewer would prove nothing, because encoders may
    /// write a few bytes at the end that the decoder does not need.
    private static let unneeded = 16

    private func decodesWithoutTail(of payload: Range<Int>, zeros: Int) -> Bool {
        let count = payload.upperBound - max(zeros, payload.lowerBound)
        guard count >= 4 * Self.unneeded else { return false }
        // An even length needs no padding byte.
        let length = (payload.count - max(Self.unneeded, count / 16)) & ~1
        var bytes = Array("RIFF".utf8) + Self.littleEndian(length + 12) + Array("WEBP".utf8)
        bytes += file.read(at: payload.lowerBound - 8, count: 4) + Self.littleEndian(length)
        bytes += file.read(at: payload.lowerBound, count: length)
        guard let image = VipsImage.loading(bytes, format: .webp) else {
            _ = VipsRuntime.takeErrorText()
            return false
        }
        var mean = 0.0
        defer { _ = VipsRuntime.takeErrorText() }
        return srgan_vips_average(image.pointer, &mean) == 0
    }

    private static func littleEndian(_ value: Int) -> [UInt8] { [0, 8, 16, 24].map { UInt8(value >> $0 & 0xFF) } }
}
