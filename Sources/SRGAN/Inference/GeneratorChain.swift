import NeuralNetwork

/// Models that run one after another on each tile: each upscales the result of the one before. Most chains have one
/// model.
///
/// The result is that of upscaling the whole image with one model after the other, without a file between them: values
/// outside [0, 1] are clamped, and each model reads reflected pixels beyond the border of its own input. The differences
/// are that the values between two models are not rounded, and that a flat alpha channel is restored at the end only.
///
/// All threads can share one chain, but each needs its own workspace.
public struct GeneratorChain: Sendable {
    /// A model of the chain.
    struct Stage {
        let generator: LoadedGenerator
        /// The overlap of the model's tiles, in its input pixels.
        let overlap: Int
    }

    let stages: [Stage]
    /// The models in the order in which they run.
    public var generators: [LoadedGenerator] { stages.map(\.generator) }
    /// The upscaling factor of width and height: the product of the models' factors.
    public let scale: Int
    /// The overlap of tiles, in input pixels of the first model, that gives every model its own overlap.
    public let overlap: Int
    /// The overlap of tiles that contains the receptive fields of all models.
    public let receptiveFieldRadius: Int

    /// The largest upscaling factor of a chain.
    public static let largestScale = Architectures.largestScale

    /// Joins models.
    ///
    /// - Parameters:
    ///   - generators: The models in the order in which they run, at least one.
    ///   - overlap: The overlap of each model's tiles, in its input pixels; nil for the one that suits the model.
    /// - Throws: `modelUnsupported` if the product of the scales is too large.
    public init(_ generators: [LoadedGenerator], overlap: TileSettings.Overlap? = nil) throws(SRGANError) {
        precondition(!generators.isEmpty, "a chain has at least one model")
        scale = generators.reduce(1) { $0 * $1.scale }
        guard scale <= Self.largestScale else {
            let scales = generators.map { "x\($0.scale)" }.joined(separator: ", ")
            throw SRGANError(
                .modelUnsupported,
                "The models of the chain (\(scales)) upscale \(scale) times together; the most is \(Self.largestScale)."
            )
        }
        stages = generators.map { generator in
            let pixels =
                switch overlap {
                case .pixels(let count): count
                case .exact: generator.receptiveFieldRadius
                case nil: generator.network.overlap
                }
            return Stage(generator: generator, overlap: pixels)
        }
        self.overlap = Self.total(stages.map(\.overlap), generators)
        receptiveFieldRadius = Self.total(generators.map(\.receptiveFieldRadius), generators)
    }

    /// Adds up margins that are in input pixels of each model.
    private static func total(_ margins: [Int], _ generators: [LoadedGenerator]) -> Int {
        zip(margins, generators).reversed().reduce(0) { sum, stage in
            stage.0 + (sum + stage.1.scale - 1) / stage.1.scale
        }
    }

    /// The names of the models' kernels, each once.
    public var kernels: String {
        stages.map(\.generator.kernels).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
            .joined(separator: "+")
    }

    /// The settings of an image's tiles for this chain.
    public func tileSettings(tile: Int?, threads: Int) -> TileSettings {
        TileSettings(
            tile: tile, maximumTileArea: stages[0].generator.maximumTileArea,
            maximumConcurrentTiles: maximumConcurrentTiles, overlap: .pixels(overlap), threads: threads)
    }

    /// The number of tiles that may be computed at the same time; further threads share the work on them.
    private var maximumConcurrentTiles: Int {
        let first = stages[0].generator
        var (bytes, factor) = (first.maximumTileBytes, 1)
        for (before, stage) in zip(stages, stages.dropFirst()) {
            // The planes of the whole tile, and the memory of one part of it.
            factor *= before.generator.scale
            let planes = 3 * MemoryLayout<Float>.stride * first.maximumTileArea * factor * factor
            bytes += planes + stage.generator.maximumTileBytes
        }
        return max(1, LoadedGenerator.totalTileMemory / bytes)
    }

    /// The side of the kept part of a tile that a model after the first computes at once.
    ///
    /// The first model makes such a model's tiles larger; they are computed in parts that need no more memory than the
    /// tiles of the model alone.
    static func partSide(_ stage: Stage) -> Int {
        let side = Int(Double(stage.generator.maximumTileArea).squareRoot()) - 2 * stage.overlap
        return max(32, min(TileSettings.automaticTile, side))
    }
}
