import CKernels
import Imaging
import NeuralNetwork

/// A loaded generator that enlarges tiles; share one between all threads, with a workspace for each.
public final class InferenceGenerator: Sendable {
    /// How many times wider the output is.
    public let scale: Int
    /// How many input pixels around a region are needed so that a tile equals the same part of the whole picture.
    public let receptiveFieldRadius: Int
    /// The kernels that were chosen for this model on this machine.
    public let kernels: String

    private let generator: Generator
    private let metadata: ModelMetadata

    /// Prepares a model for inference.
    ///
    /// - Throws: `modelUnsupported` for parameters of another network; `selfCheckFailed` if this machine computes nonsense.
    public init(model: ModelFile) throws(SRGANError) {
        generator = try Generator(model: model)
        metadata = model.metadata
        scale = generator.scale
        receptiveFieldRadius = generator.receptiveFieldRadius
        kernels = "reference"
    }

    /// Allocates all memory that tiles up to the given size need.
    public func makeWorkspace(maximumWidth: Int, maximumHeight: Int) -> Workspace {
        Workspace(maximumWidth: maximumWidth, maximumHeight: maximumHeight)
    }

    /// Enlarges a tile.
    ///
    /// The tile is treated as a whole picture: each layer pads it with zeros.
    ///
    /// - Parameters:
    ///   - input: Planar RGB, `[3, height, width]`, sRGB values in [0, 1].
    ///   - keeping: The region in input pixels whose enlargement is wanted; what only the rest needs is not computed.
    ///   - output: Planar RGB, `[3, scale * keeping.height, scale * keeping.width]`, nominally in [0, 1], not clamped.
    ///   - workspace: This thread's memory.
    /// - Throws: `notFinite` if the output contains NaN or infinity.
    public func upscale(
        _ input: UnsafeBufferPointer<Float>, width: Int, height: Int, keeping: PixelRegion,
        into output: UnsafeMutableBufferPointer<Float>, workspace: Workspace
    ) throws(SRGANError) {
        precondition(width > 0 && height > 0 && input.count == 3 * width * height, "the input's size does not fit")
        precondition(width <= workspace.maximumWidth && height <= workspace.maximumHeight, "the workspace is too small")
        precondition(
            keeping.x >= 0 && keeping.y >= 0 && keeping.width > 0 && keeping.height > 0
                && keeping.x + keeping.width <= width && keeping.y + keeping.height <= height, "keeping is outside")
        precondition(
            output.count == 3 * scale * scale * keeping.width * keeping.height, "the output's size does not fit")
        let (inputScale, inputShift) = metadata.inputRange.fromUnit
        let (outputScale, outputShift) = metadata.outputRange.toUnit
        let result = generator(
            Tensor(shape: [3, height, width], values: input.map { $0 * inputScale + inputShift }))
        let rowCount = scale * keeping.width
        var position = 0
        for plane in 0..<3 {
            for row in 0..<(scale * keeping.height) {
                let start = ((plane * height + keeping.y) * scale + row) * scale * width + scale * keeping.x
                for column in 0..<rowCount {
                    output[position] = result.values[start + column] * outputScale + outputShift
                    position += 1
                }
            }
        }
        guard ck_all_finite_f32(output.baseAddress, output.count) == 1 else {
            throw SRGANError(.notFinite, "The network produced numbers that are not finite.")
        }
    }
}
