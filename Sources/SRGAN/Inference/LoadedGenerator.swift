import CKernels
import Foundation
import Imaging
import NeuralNetwork

/// A loaded generator that upscales tiles; share one between all threads, with a workspace for each.
public final class LoadedGenerator: Sendable {
    /// How many times wider the output is.
    public let scale: Int
    /// How many input pixels around a region are needed so that a tile equals the same part of the whole image.
    public let receptiveFieldRadius: Int
    /// The kernels that were chosen for this model on this machine.
    public let kernels: String
    /// Why the plain network runs instead of fast kernels, as a phrase; nil where fast kernels run.
    public let generalPathReason: String?

    private let generator: ReferenceGenerator
    private let metadata: ModelMetadata
    private let fast: FastGenerator?

    /// Prepares a model for inference.
    ///
    /// - Parameters:
    ///   - model: A generator of SRGAN.
    ///   - kernels: The kernels to use: `avx512`, `avx2`, `neon`, `portable`, or `reference` for the plain network over
    ///     OpenBLAS; nil for the environment's `SRGAN_KERNELS`, or else the best that this machine runs.
    /// - Throws: `modelUnsupported` for parameters of another network or kernels that do not run here; `selfCheckFailed` if
    ///   the kernels and the plain network disagree on this machine.
    public init(model: ModelFile, kernels wanted: String? = nil) throws(SRGANError) {
        generator = try ReferenceGenerator(model: model)
        metadata = model.metadata
        scale = generator.scale
        receptiveFieldRadius = generator.receptiveFieldRadius
        let wanted = wanted ?? ProcessInfo.processInfo.environment["SRGAN_KERNELS"]
        if wanted == Self.reference {
            fast = nil
            generalPathReason = "asked for"
        } else {
            guard let found = ConvolutionKernels(named: wanted) else {
                throw SRGANError(
                    .modelUnsupported, "There are no kernels named \"\(wanted ?? "")\" that run on this machine.")
            }
            let obstacle = FastGenerator.obstacle(generator)
            generalPathReason = obstacle.map { "no fast kernels for \($0)" }
            fast = obstacle == nil ? FastGenerator(generator, metadata: metadata, kernels: found) : nil
        }
        kernels = fast?.kernels.name ?? Self.reference
        try checkFastPath()
    }

    private static let reference = "reference"

    /// Compares a small image's upscaling with the plain network's: a miscompiled kernel or a broken processor must not
    /// write broken images.
    private func checkFastPath() throws(SRGANError) {
        guard fast != nil else { return }
        let (width, height) = (13, 9)
        // Any image will do that is not smooth; this one needs no generator of random numbers.
        let input = (0..<3 * width * height).map { Float($0 * $0 % 251) / 250 }
        let workspace = makeWorkspace(maximumWidth: width, maximumHeight: height)
        let whole = PixelRegion(x: 0, y: 0, width: width, height: height)
        let count = 3 * scale * scale * width * height
        var output = [Float](repeating: 0, count: count)
        var expected = output
        do {
            try input.withUnsafeBufferPointer { input in
                try output.withUnsafeMutableBufferPointer {
                    try upscale(input, width: width, height: height, keeping: whole, into: $0, workspace: workspace)
                }
                expected.withUnsafeMutableBufferPointer {
                    upscalePlainly(input, width: width, height: height, keeping: whole, into: $0)
                }
            }
        } catch {
            throw SRGANError(.selfCheckFailed, "The network gives no finite numbers for a test image.", cause: error)
        }
        let largest = expected.reduce(1) { max($0, abs($1)) }
        let difference = zip(output, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
        guard difference <= 1e-3 * largest else {
            throw SRGANError(
                .selfCheckFailed,
                "The \(kernels) kernels differ from the plain network by \(difference) on this machine. "
                    + "SRGAN_KERNELS=reference avoids them.")
        }
    }

    /// Allocates all memory that tiles up to the given size need.
    public func makeWorkspace(maximumWidth: Int, maximumHeight: Int) -> Workspace {
        Workspace(
            maximumWidth: maximumWidth, maximumHeight: maximumHeight,
            fast: fast.map { FastMemory(for: $0, maximumWidth: maximumWidth, maximumHeight: maximumHeight) })
    }

    /// Upscales a tile.
    ///
    /// The tile is treated as a whole image: each layer pads it with zeros.
    ///
    /// - Parameters:
    ///   - input: Planar RGB, `[3, height, width]`, sRGB values in [0, 1].
    ///   - keeping: The region in input pixels whose upscaling is wanted; what only the rest needs is not computed.
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
        if let fast, let memory = workspace.fast {
            fast.upscale(
                input.baseAddress!, width: width, height: height, keeping: keeping, into: output.baseAddress!,
                memory: memory)
        } else {
            upscalePlainly(input, width: width, height: height, keeping: keeping, into: output)
        }
        guard ck_all_finite_f32(output.baseAddress, output.count) == 1 else {
            throw SRGANError(.notFinite, "The network produced numbers that are not finite.")
        }
    }

    private func upscalePlainly(
        _ input: UnsafeBufferPointer<Float>, width: Int, height: Int, keeping: PixelRegion,
        into output: UnsafeMutableBufferPointer<Float>
    ) {
        let (inputScale, inputShift) = metadata.inputRange.fromUnit
        let (outputScale, outputShift) = metadata.outputRange.toUnit
        var mapped = Tensor(shape: [3, height, width], values: Array(input))
        ck_channel_affine_f32(&mapped.values, 3, height * width, inputScale, inputShift)
        let result = generator(mapped)
        let rowCount = scale * keeping.width
        var position = 0
        for plane in 0..<3 {
            for row in 0..<(scale * keeping.height) {
                let start = ((plane * height + keeping.y) * scale + row) * scale * width + scale * keeping.x
                for column in 0..<rowCount {
                    output[position] = result.values[start + column] * outputScale[plane] + outputShift[plane]
                    position += 1
                }
            }
        }
    }
}
