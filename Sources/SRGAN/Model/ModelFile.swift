import CKernels
import Foundation
import LinuxSupport
import NeuralNetwork
import SystemPackage

/// A model file: parameters by name, metadata, and the hash that identifies the model.
public struct ModelFile: Sendable {
    /// The path that the model was read from, or another name for messages.
    public let name: String
    /// The file's metadata.
    public var metadata: ModelMetadata
    /// The SHA-256 of the file in hexadecimal. The service stores it in each job, to find earlier jobs that used the
    /// same model.
    public let sha256: String
    /// The parameters by state-dict name.
    public var tensors: [String: Tensor]
    /// Remarks about the conversion of another project's file, in full sentences.
    public var notes: [String] = []

    /// Reads a safetensors file.
    ///
    /// - Throws: `modelNotFound`, `modelDamaged` or `modelUnsupported`; the message names the file.
    public init(contentsOf path: FilePath) throws(SRGANError) {
        try self.init(bytes: Self.read(path), name: path.string)
    }

    /// Reads a model of any supported kind: one of this project's files, or a PyTorch checkpoint or safetensors file of
    /// another project, which is converted in memory. The content decides, not the name.
    ///
    /// - Throws: `modelNotFound`, `modelDamaged` or `modelUnsupported`; the message names the file.
    public static func opening(_ path: FilePath) throws(SRGANError) -> ModelFile {
        try opening(bytes: read(path), name: path.string)
    }

    /// Decodes a model of any supported kind. Its hash is that of these bytes.
    public static func opening(bytes: [UInt8], name: String) throws(SRGANError) -> ModelFile {
        try ONNXFile.refuse(bytes, name: name)
        if !PyTorchCheckpoint.isCheckpoint(bytes) {
            let model = try ModelFile(bytes: bytes, name: name)
            if model.tensors.keys.contains("conv1.0.weight") { return model }
        }
        let foreign = try ForeignModel(bytes: bytes, name: name, sha256: SHA256.hash(bytes))
        var model = foreign.model
        model.notes = foreign.notes
        return model
    }

    /// Decodes a safetensors file.
    public init(bytes: [UInt8], name: String) throws(SRGANError) {
        let file: SafetensorsFile
        do {
            file = try SafetensorsFile(bytes: bytes, name: name)
        } catch {
            throw SRGANError(
                error.code == .unsupportedType ? .modelUnsupported : .modelDamaged, error.message, cause: error)
        }
        self.name = name
        metadata = try ModelMetadata(texts: file.metadata, name: name)
        tensors = file.tensors
        sha256 = SHA256.hash(bytes)
    }

    /// Makes a model from parameters in memory. Its hash is that of the encoded file, so the model equals the one that
    /// is read from that file.
    public init(tensors: [String: Tensor], metadata: ModelMetadata = ModelMetadata(), name: String) {
        self.init(tensors: tensors, metadata: metadata, name: name, sha256: nil)
    }

    /// Makes a model from parameters in memory, with a known hash; nil for that of the encoded file.
    init(tensors: [String: Tensor], metadata: ModelMetadata, name: String, sha256: String?) {
        self.name = name
        self.tensors = tensors
        self.metadata = metadata
        self.sha256 =
            sha256 ?? SHA256.hash(SafetensorsFile(tensors: tensors, metadata: metadata.texts).encoded())
    }

    /// Checks that every parameter is a finite number.
    ///
    /// - Throws: `modelDamaged`; the message names the file and the entry.
    func checkNumbers() throws(SRGANError) {
        for (key, tensor) in tensors.sorted(by: { $0.key < $1.key })
        where ck_all_finite_f32(tensor.values, tensor.count) == 0 {
            throw SRGANError(.modelDamaged, "\(name): the entry \"\(key)\" holds a value that is not a finite number.")
        }
    }

    /// The model encoded as a safetensors file.
    public func encoded() -> [UInt8] {
        SafetensorsFile(tensors: tensors, metadata: metadata.texts).encoded()
    }

    /// The maximum file size. A generator with 16 blocks has 6 MB, so a file above 2 GiB cannot be a model and is not
    /// read into memory.
    private static let largestFile: Int64 = 2 << 30

    static func read(_ path: FilePath) throws(SRGANError) -> [UInt8] {
        do {
            let file = try FileDescriptor.open(path, .readOnly)
            return try file.closeAfter {
                let size = try file.seek(offset: 0, from: .end)
                guard size <= largestFile else { throw Errno.fileTooLarge }
                var bytes = [UInt8](repeating: 0, count: Int(size))
                var position = 0
                while position < bytes.count {
                    let count = try bytes.withUnsafeMutableBytes {
                        try file.read(
                            fromAbsoluteOffset: Int64(position),
                            into: UnsafeMutableRawBufferPointer(rebasing: $0[position...]))
                    }
                    guard count > 0 else { break }
                    position += count
                }
                return Array(bytes[..<position])
            }
        } catch {
            throw SRGANError(.modelNotFound, "The model \(path.string) cannot be read: \(error).", cause: error)
        }
    }
}
