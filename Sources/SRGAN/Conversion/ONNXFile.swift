/// Files of the ONNX format, which are recognised in order to say what to look for instead.
enum ONNXFile {
    /// Throws an error for a file whose name or beginning is that of an ONNX file.
    static func refuse(_ bytes: [UInt8], name: String) throws(SRGANError) {
        guard name.lowercased().hasSuffix(".onnx") || begins(bytes) else { return }
        throw SRGANError(
            .modelUnsupported,
            "\(name) is an ONNX file, which srgan does not read; most models are also published as a .pth or .safetensors file, which it reads."
        )
    }

    /// True for bytes that begin with the version of the format (a small number in field 1) and another field of text,
    /// as Protocol Buffers encode them.
    private static func begins(_ bytes: [UInt8]) -> Bool {
        guard bytes.count > 8, bytes[0] == 0x08, bytes[1] < 32, bytes[8] != UInt8(ascii: "{") else { return false }
        return [0x12, 0x1A, 0x22].contains(bytes[2]) && (1..<64).contains(bytes[3])
    }
}
