/// A graph in the form in which the fast kernels compute it: few steps, each a convolution with everything that its
/// kernel can do on the way.
///
/// The conversion folds sums, activations, attention, upscaling by repetition and pixel shuffles into convolutions.
/// Concatenations need no step: their parts are neighbouring channels of one storage.
struct FastProgram {
    /// What a step computes.
    enum Work {
        /// A convolution of the network's input.
        case first(FoldedWeights)
        /// A convolution of kernel size 3.
        case convolution(FoldedWeights, ending: WinogradConvolution.Ending)
        /// A convolution of kernel size 1.
        case pointwise(FoldedWeights)
        /// `factor` times the source, plus the value `skip`.
        case sum(factor: Float)
    }

    /// A step. Values are named by their index in `values`.
    struct Step {
        var work: Work
        /// The values that are read; several if their concatenation is read. Empty for the first convolution.
        var sources: [Int]
        /// The value that is added or, for the attention, the second one.
        var skip: Int?
        var output: Int
        /// The factor by which a pixel shuffle enlarges the result; 1 for none.
        var shuffle = 1
        /// The number of pixels around a pixel that are read.
        var radius: Int
    }

    /// A value that a step computes.
    struct Value {
        /// The number of channels, a multiple of 16.
        var channels: Int
        /// The number of channels that the graph's value has.
        var used: Int
        /// The size of the image as a multiple of the network's smallest one.
        var resolution: Int
        /// The storage that holds the value, and the value's first channel in it.
        var storage = -1
        var offset = 0
    }

    /// A storage, which holds one or several values with their channels side by side.
    struct Storage {
        var channels: Int
        var resolution: Int
        /// The steps from the first that writes to the last that reads.
        var steps: ClosedRange<Int>
        /// The buffer that the storage uses. Storages that are not needed at the same time share a buffer.
        var buffer = -1
    }

    /// The image that is added to the output.
    enum Base {
        case none
        case nearest, bilinear
    }

    var steps: [Step] = []
    var values: [Value] = []
    var storages: [Storage] = []
    /// The floats of each buffer per pixel of the network's smallest image.
    var buffers: [Int] = []
    /// The number of steps at the end that run strip by strip, each on the result of the one before it.
    var tail = 1

    /// The channels of the image and the number by which its sides must be divisible.
    var imageChannels = 0, multiple = 1
    /// The scale and shift of the image's channels.
    var inputScale: [Float] = [], inputShift: [Float] = []
    /// The factor of the last pixel shuffle, which runs when the output is written.
    var outputShuffle = 1
    var outputScale: [Float] = [], outputShift: [Float] = []
    var base = Base.none
    /// The upscaling factor of the network.
    var scale = 1

    /// Rounds a number of channels up to a multiple of 16.
    static func padded(_ channels: Int) -> Int { (channels + 15) / 16 * 16 }
}

/// Why the fast kernels do not support a graph.
public struct UnsupportedGraph: Error, Sendable {
    /// A phrase that completes a text that begins "no fast kernels for".
    public let reason: String
}
