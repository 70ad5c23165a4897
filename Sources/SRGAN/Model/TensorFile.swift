import NeuralNetwork
import SystemPackage

/// Reads the tensors of a file, whatever network they belong to.
public enum TensorFile {
    /// The tensors of a safetensors file or of a PyTorch checkpoint, by name.
    ///
    /// - Throws: `modelNotFound`, `modelDamaged` or `modelUnsupported`; the message names the file.
    public static func tensors(contentsOf path: FilePath) throws(SRGANError) -> [String: Tensor] {
        let bytes = try ModelFile.read(path)
        do throws(NeuralNetworkError) {
            return PyTorchCheckpoint.isCheckpoint(bytes)
                ? try PyTorchCheckpoint(bytes: bytes, name: path.string).tensors
                : try SafetensorsFile(bytes: bytes, name: path.string).tensors
        } catch {
            let isDamaged = [.truncated, .malformed].contains(error.code)
            throw SRGANError(isDamaged ? .modelDamaged : .modelUnsupported, error.message, cause: error)
        }
    }
}
