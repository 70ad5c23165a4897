import NeuralNetwork
import SystemPackage

/// The first layers of VGG-19, with fixed weights. The perceptual loss compares their features (section 2.2.1 of the
/// SRGAN paper).
///
/// The layers are torchvision's `vgg19.features[:18]`, which end with the activation after conv3_4. The features have
/// 256 channels and a quarter of the input's width and height. The input is normalised with ImageNet's mean and
/// standard deviation, as it was when VGG-19 was trained.
public struct VGG19FeatureExtractor: Sendable {
    /// For each convolution: its index in torchvision's layers, its numbers of input and output channels, and whether
    /// pooling precedes it.
    private static let layers: [(index: Int, inputs: Int, outputs: Int, poolsFirst: Bool)] = [
        (0, 3, 64, false), (2, 64, 64, false), (5, 64, 128, true), (7, 128, 128, false), (10, 128, 256, true),
        (12, 256, 256, false), (14, 256, 256, false), (16, 256, 256, false),
    ]

    private let convolutions: [Conv2d]

    /// Loads `features.0`, `.2`, `.5`, `.7`, `.10`, `.12`, `.14` and `.16` from a safetensors file or a checkpoint.
    /// Later layers in the file are ignored.
    ///
    /// - Throws: `modelNotFound`, `modelDamaged` or `modelUnsupported`; the message names the file.
    public init(contentsOf path: FilePath) throws(SRGANError) {
        let tensors = try TensorFile.tensors(contentsOf: path)
        do throws(NeuralNetworkError) {
            try self.init(tensors: tensors)
        } catch {
            throw SRGANError(
                .modelUnsupported, "\(path.string) holds no VGG-19 weights: \(error.message)", cause: error)
        }
    }

    init(tensors: [String: Tensor]) throws(NeuralNetworkError) {
        var state = StateDict(tensors)
        var convolutions: [Conv2d] = []
        for layer in Self.layers {
            convolutions.append(
                try state.takeConv2d(
                    "features.\(layer.index)", inputChannels: layer.inputs, outputChannels: layer.outputs, kernel: 3))
        }
        self.convolutions = convolutions
    }

    /// Computes the features of an image.
    ///
    /// - Parameter input: `[3, height, width]`, sRGB values in [0, 1]; height and width at least 4.
    /// - Returns: `[256, height / 4, width / 4]`.
    public func callAsFunction(_ input: Tensor) -> Tensor {
        layers(input)[2]
    }

    /// Computes the features of an image after relu1_2, relu2_2 and relu3_4, the last activations before each pooling.
    ///
    /// - Parameter input: as above.
    /// - Returns: `[64, height, width]`, `[128, height / 2, width / 2]` and `[256, height / 4, width / 4]`.
    public func layers(_ input: Tensor) -> [Tensor] {
        let (scale, shift) = ModelMetadata.ValueRange.imageNet.fromUnit
        let pixels = input.shape[1] * input.shape[2]
        var x = input
        for i in x.values.indices { x.values[i] = x.values[i] * scale[i / pixels] + shift[i / pixels] }
        let rectifier = PReLU(weight: Tensor(shape: [1]))
        var features: [Tensor] = []
        for (layer, convolution) in zip(Self.layers, convolutions) {
            if layer.poolsFirst {
                features.append(x)
                x = MaxPool2d(size: 2)(x)
            }
            x = rectifier(convolution(x))
        }
        return features + [x]
    }
}
