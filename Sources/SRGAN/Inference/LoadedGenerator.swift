import CKernels
import Foundation
import Imaging
import NeuralNetwork

/// A generator loaded from a model file, which upscales tiles. All threads can share one generator, but each
/// needs its own workspace.
public final class LoadedGenerator: Sendable {
    /// The upscaling factor of width and height.
    public let scale: Int
    /// The number of input pixels around a region that can affect its output. With an overlap of this many pixels, an
    /// upscaled tile equals, apart from rounding, the same part of the image upscaled without tiles.
    public let receptiveFieldRadius: Int
    /// The name of the kernels (the routines that compute the layers) that were selected for this model on this
    /// machine.
    public let kernels: String
    /// Why the reference network runs instead of the fast kernels, as a phrase; nil if the fast kernels run.
    public let generalPathReason: String?

    private let generator: ReferenceGenerator
    private let metadata: ModelMetadata
    private let fast: FastGenerator?

    /// Prepares a model for inference.
    ///
    /// - Parameters:
    ///   - model: A generator of SRGAN.
    ///   - kernels: The kernels to use: `avx512`, `avx2`, `neon`, `portable`, or `reference` for the reference
    ///     network with OpenBLAS. nil uses the environment variable `SRGAN_KERNELS` or, if that is not set, the best
    ///     kernels for this machine.
    /// - Throws: `modelUnsupported` if the parameters are not those of a generator or the kernels do not run on this
    ///   machine; `selfCheckFailed` if the fast kernels and the reference network disagree on this machine.
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
            let unsupportedReason = FastGenerator.unsupportedReason(generator)
            generalPathReason = unsupportedReason.map { "no fast kernels for \($0)" }
            fast = unsupportedReason == nil ? FastGenerator(generator, metadata: metadata, kernels: found) : nil
        }
        kernels = fast?.kernels.name ?? Self.reference
        try checkFastPath()
    }

    private static let reference = "reference"

    /// Compares the fast kernels with the reference network on a small image, so that a miscompiled kernel or a faulty
    /// processor is detected before it produces wrong images.
    private func checkFastPath() throws(SRGANError) {
        guard fast != nil else { return }
        let (width, height) = (13, 9)
        // Any image with detail is suitable; this formula makes one without random numbers.
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
                    upscaleWithReference(input, width: width, height: height, keeping: whole, into: $0)
                }
            }
        } catch {
            throw SRGANError(.selfCheckFailed, "The network's output for a test image is not finite.", cause: error)
        }
        let largest = expected.reduce(1) { max($0, abs($1)) }
        let difference = zip(output, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
        guard difference <= 1e-3 * largest else {
            throw SRGANError(
                .selfCheckFailed,
                "The \(kernels) kernels differ from the reference network by \(difference) on this machine. "
                    + "SRGAN_KERNELS=reference avoids them.")
        }
    }

    /// Allocates all memory for tiles up to the given size.
    public func makeWorkspace(maximumWidth: Int, maximumHeight: Int) -> Workspace {
        Workspace(
            maximumWidth: maximumWidth, maximumHeight: maximumHeight,
            fast: fast.map { FastMemory(for: $0, maximumWidth: maximumWidth, maximumHeight: maximumHeight) })
    }

    /// Upscales a tile.
    ///
    /// The tile is processed like a whole image: each layer pads it with zeros.
    ///
    /// - Parameters:
    ///   - input: Planar RGB, `[3, height, width]`, sRGB values in [0, 1].
    ///   - keeping: The region, in input pixels, whose upscaling is needed. Pixels that do not affect it are not
    ///     computed.
    ///   - output: Planar RGB, `[3, scale * keeping.height, scale * keeping.width]`, nominally in [0, 1], not clamped.
    ///   - workspace: The calling thread's workspace.
    /// - Throws: `notFinite` if the output contains NaN or infinity.
    public func upscale(
        _ input: UnsafeBufferPointer<Float>, width: Int, height: Int, keeping: PixelRegion,
        into output: UnsafeMutableBufferPointer<Float>, workspace: Workspace
    ) throws(SRGANError) {
        precondition(width > 0 && height > 0 && input.count == 3 * width * height, "the input has the wrong size")
        precondition(width <= workspace.maximumWidth && height <= workspace.maximumHeight, "the workspace is too small")
        precondition(
            keeping.x >= 0 && keeping.y >= 0 && keeping.width > 0 && keeping.height > 0
                && keeping.x + keeping.width <= width && keeping.y + keeping.height <= height,
            "the kept region is outside the tile")
        precondition(
            output.count == 3 * scale * scale * keeping.width * keeping.height, "the output has the wrong size")
        if let fast, let memory = workspace.fast {
            fast.upscale(
                input.baseAddress!, width: width, height: height, keeping: keeping, into: output.baseAddress!,
                memory: memory)
        } else {
            upscaleWithReference(input, width: width, height: height, keeping: keeping, into: output)
        }
        guard ck_all_finite_f32(output.baseAddress, output.count) == 1 else {
            throw SRGANError(.notFinite, "The network's output is not finite.")
        }
    }

    private func upscaleWithReference(
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
