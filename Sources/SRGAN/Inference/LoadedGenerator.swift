import CKernels
import FaultInjection
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

    /// The network.
    public let network: ModelNetwork

    private let metadata: ModelMetadata
    /// The bytes of memory that a graph needs for each pixel of a tile; nil for generators of SRGAN.
    private let bytesPerPixel: Int?
    /// Makes the fast kernels' memory for one workspace; nil if the reference network runs.
    private let makeRunner: (@Sendable (_ maximumWidth: Int, _ maximumHeight: Int, LoopSharer) -> any TileRunner)?

    /// Prepares a model for inference.
    ///
    /// - Parameters:
    ///   - model: A generator of SRGAN, or a network of another supported architecture.
    ///   - kernels: The kernels to use: `avx512`, `avx2`, `neon`, `portable`, or `reference` for the reference
    ///     network with OpenBLAS. nil uses the environment variable `SRGAN_KERNELS` or, if that is not set, the best
    ///     kernels for this machine.
    /// - Throws: `modelUnsupported` if the parameters are not those of a supported network or the kernels do not run
    ///   on this machine; `modelDamaged` if a parameter is not a finite number; `selfCheckFailed` if the fast kernels
    ///   and the reference network disagree on this machine.
    public init(model: ModelFile, kernels wanted: String? = nil) throws(SRGANError) {
        let wanted = wanted ?? ProcessInfo.processInfo.environment["SRGAN_KERNELS"]
        var found: ConvolutionKernels?
        if wanted != Self.reference {
            found = ConvolutionKernels(named: wanted)
            guard found != nil else {
                throw SRGANError(
                    .modelUnsupported, "There are no kernels named \"\(wanted ?? "")\" that run on this machine.")
            }
        }
        var metadata = model.metadata
        network = try ModelNetwork(model)
        scale = network.scale
        receptiveFieldRadius = network.reference.receptiveFieldRadius
        let unsupportedReason: String?
        if let plain = network.reference as? PlainExecutor {
            // The scale and shift of a graph are part of it.
            (metadata.inputRange, metadata.outputRange) = (.unit, .unit)
            let fast = found.map { kernels in
                Result<FastExecutor, any Error> { try FastExecutor(plain.graph, kernels: kernels) }
            }
            switch fast {
            case .success(let executor):
                unsupportedReason = nil
                bytesPerPixel = executor.bytesPerPixel
                makeRunner = { GraphRunner(executor, maximumWidth: $0, maximumHeight: $1, sharer: $2) }
            case .failure(let error):
                unsupportedReason = (error as? UnsupportedGraph)?.reason
                (bytesPerPixel, makeRunner) = (nil, nil)
            case nil: (unsupportedReason, bytesPerPixel, makeRunner) = (nil, nil, nil)
            }
        } else if let generator = network.reference as? ReferenceGenerator {
            bytesPerPixel = nil
            unsupportedReason = FastGenerator.unsupportedReason(generator)
            makeRunner =
                if let found, unsupportedReason == nil {
                    Self.runner(FastGenerator(generator, metadata: metadata, kernels: found))
                } else {
                    nil
                }
        } else {
            (unsupportedReason, bytesPerPixel, makeRunner) = ("this architecture", nil, nil)
        }
        self.metadata = metadata
        generalPathReason = found == nil ? "asked for" : unsupportedReason.map { "no fast kernels for \($0)" }
        kernels = makeRunner == nil ? Self.reference : found?.name ?? Self.reference
        try checkFastPath()
    }

    private static func runner(
        _ generator: FastGenerator
    ) -> @Sendable (_ maximumWidth: Int, _ maximumHeight: Int, LoopSharer) -> any TileRunner {
        { FastGeneratorRunner(generator, maximumWidth: $0, maximumHeight: $1, sharer: $2) }
    }

    private static let reference = "reference"

    /// Compares the fast kernels with the reference network on a small image, so that a miscompiled kernel or a faulty
    /// processor is detected before it produces wrong images.
    private func checkFastPath() throws(SRGANError) {
        guard makeRunner != nil else { return }
        let (width, height) = (13, 9)
        // A smooth image: on noise, some networks amplify the rounding of single precision a hundred thousand times.
        let input = (0..<3 * width * height).map { index in
            let (plane, y, x) = (Float(index / (width * height)), Float(index / width % height), Float(index % width))
            return 0.5 + 0.4 * sin(0.9 * x + 0.7 * plane) * cos(0.8 * y - 0.5 * plane)
        }
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
                    compute(input, width: width, height: height, keeping: whole, into: $0, runner: nil)
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

    /// The largest area, in pixels, of a tile with its overlap, so that a tile needs little memory.
    ///
    /// The limit depends on the model alone, so that the output does not depend on the number of threads. A dense block
    /// of RRDBNet has three times the channels of a block of SRGAN, and three such blocks are in memory.
    public var maximumTileArea: Int {
        max(64 * 64, Self.tileMemory / tileBytesPerPixel)
    }

    /// The number of tiles that may be computed at the same time; further threads share the work on them.
    public var maximumConcurrentTiles: Int { max(1, Self.totalTileMemory / maximumTileBytes) }

    /// The memory of the largest tile, in bytes.
    var maximumTileBytes: Int { tileBytesPerPixel * maximumTileArea }

    /// The memory of a tile, and of all tiles that are computed at the same time, in bytes.
    private static let tileMemory = 96 << 20
    static let totalTileMemory = 1 << 30

    private var tileBytesPerPixel: Int {
        // The three buffers of a generator of SRGAN, or those of a graph; and three planes of the output.
        (bytesPerPixel ?? 3 * 64 * MemoryLayout<Float>.stride) + 3 * scale * scale * MemoryLayout<Float>.stride
    }

    /// Allocates the memory for tiles up to the given size.
    ///
    /// - Parameter sharer: The place, among the threads that share the work on a tile, of the thread that will call
    ///   `upscale`.
    public func makeWorkspace(maximumWidth: Int, maximumHeight: Int, sharer: LoopSharer = .alone) -> Workspace {
        Workspace(
            maximumWidth: maximumWidth, maximumHeight: maximumHeight,
            runner: makeRunner?(maximumWidth, maximumHeight, sharer))
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
        compute(input, width: width, height: height, keeping: keeping, into: output, runner: workspace.runner)
        guard ck_all_finite_f32(output.baseAddress, output.count) == 1 else {
            throw SRGANError(.notFinite, "The network's output is not finite.")
        }
    }

    /// Runs the network, on all planes at once or, if it is for grey images, on each plane.
    private func compute(
        _ input: UnsafeBufferPointer<Float>, width: Int, height: Int, keeping: PixelRegion,
        into output: UnsafeMutableBufferPointer<Float>, runner: (any TileRunner)?
    ) {
        let channels = network.reference.imageChannels
        let (source, target) = (input.baseAddress!, output.baseAddress!)
        let (sourcePlane, targetPlane) = (width * height, output.count / 3)
        for first in stride(from: 0, to: 3, by: channels) {
            let (plane, result) = (source + first * sourcePlane, target + first * targetPlane)
            if first > 0, memcmp(plane, source, sourcePlane * MemoryLayout<Float>.stride) == 0 {
                // The planes of a grey image are equal.
                result.update(from: target, count: targetPlane)
            } else if let runner {
                runner.upscale(plane, width: width, height: height, keeping: keeping, into: result)
                if FaultPlan.injects(.wrongKernel) { result[0] += 0.01 }
            } else {
                computeReference(plane, width: width, height: height, keeping: keeping, into: result)
            }
        }
    }

    private func computeReference(
        _ input: UnsafePointer<Float>, width: Int, height: Int, keeping: PixelRegion,
        into output: UnsafeMutablePointer<Float>
    ) {
        let channels = network.reference.imageChannels
        let (inputScale, inputShift) = metadata.inputRange.fromUnit
        let (outputScale, outputShift) = metadata.outputRange.toUnit
        var mapped = Tensor(shape: [channels, height, width]) {
            $0.update(from: input, count: channels * height * width)
        }
        ck_channel_affine_f32(&mapped.values, channels, height * width, inputScale, inputShift)
        let result = network.reference(mapped)
        let rowCount = scale * keeping.width
        var position = 0
        for plane in 0..<channels {
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
