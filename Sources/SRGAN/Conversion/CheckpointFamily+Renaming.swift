import NeuralNetwork

extension CheckpointFamily {
    /// A rule that renames entries by the start of their names.
    private struct Rule {
        /// The start of the foreign name; `#` matches a number.
        var from: String
        /// The replacement, in which `#` stands for the matched number times `factor` plus `offset`; nil drops the
        /// entry, because this project does not use it.
        var to: String?
        var factor = 1
        var offset = 0

        init(_ from: String, _ to: String?, times factor: Int = 1, plus offset: Int = 0) {
            (self.from, self.to, self.factor, self.offset) = (from, to, factor, offset)
        }

        enum Outcome {
            case renamed(String)
            case dropped
        }

        /// Applies the rule; nil if the name does not match.
        func apply(_ key: String) -> Outcome? {
            let parts = from.split(separator: "#", omittingEmptySubsequences: false)
            guard key.hasPrefix(parts[0]) else { return nil }
            var rest = key.dropFirst(parts[0].count)
            var number = 0
            if parts.count == 2 {
                let digits = rest.prefix { $0.isASCII && $0.isNumber }
                // Three digits are enough for any network and cannot overflow.
                guard (1...3).contains(digits.count), let value = Int(digits) else { return nil }
                number = value
                rest = rest.dropFirst(digits.count)
                guard rest.hasPrefix(parts[1]) else { return nil }
                rest = rest.dropFirst(parts[1].count)
            }
            guard let to else { return .dropped }
            let place = number * factor + offset
            guard place >= 0 else { return nil }
            return .renamed(to.replacing("#", with: String(place)) + rest)
        }
    }

    /// The renaming rules of the family; for each name the first matching rule applies.
    ///
    /// Many rules multiply an index by three, because an upsampling block without normalisation has three indices in
    /// this project's names: convolution, shuffle and PReLU.
    private var rules: [Rule] {
        switch self {
        case .referenceImplementation: []
        case .pyTorchGAN: [Rule("res_blocks.#.conv_block.", "res_block.#.res_block."), Rule("conv3.0.", "conv3.")]
        case .lornatang:
            [
                Rule("trunk.#.rcb.", "res_block.#.res_block."),
                Rule("upsampling.#.upsample_block.0.", "upsampling.#.", times: 3),
                Rule("upsampling.#.upsample_block.2.", "upsampling.#.", times: 3, plus: 2),
                // The following rules are for names in the first versions of Lornatang/SRGAN-PyTorch.
                Rule("conv_block1.", "conv1."), Rule("conv_block2.", "conv2."), Rule("conv_block3.", "conv3."),
            ]
        case .leftthomas:
            [
                Rule("block1.", "conv1."), Rule("block7.", "conv2."),
                Rule("block8.#.conv.", "upsampling.#.", times: 3),
                Rule("block8.#.prelu.", "upsampling.#.", times: 3, plus: 2), Rule("block8.#.", "conv3."),
            ] + Self.blockRules("block#.", minus: 2)
        case .krasserm:
            [
                Rule("conv_in.", "conv1.0."), Rule("prelu_in.", "conv1.1."), Rule("conv_mid.", "conv2.0."),
                Rule("bn_mid.", "conv2.1."), Rule("up.#.conv.", "upsampling.#.", times: 3),
                Rule("up.#.prelu.", "upsampling.#.", times: 3, plus: 2), Rule("conv_out.", "conv3."),
            ] + Self.blockRules("blocks.#.", minus: 0)
        case .sgrvinod:
            [
                Rule("conv_block1.conv_block.", "conv1."), Rule("conv_block2.conv_block.", "conv2."),
                Rule("conv_block3.conv_block.0.", "conv3."),
                Rule("residual_blocks.#.conv_block1.conv_block.", "res_block.#.res_block."),
                Rule("residual_blocks.#.conv_block2.conv_block.0.", "res_block.#.res_block.3."),
                Rule("residual_blocks.#.conv_block2.conv_block.1.", "res_block.#.res_block.4."),
                Rule("subpixel_convolutional_blocks.#.conv.", "upsampling.#.", times: 3),
                Rule("subpixel_convolutional_blocks.#.prelu.", "upsampling.#.", times: 3, plus: 2),
            ]
        case .aladdinpersson:
            [
                Rule("initial.cnn.", "conv1.0."), Rule("initial.act.", "conv1.1."),
                Rule("residuals.#.block1.cnn.", "res_block.#.res_block.0."),
                Rule("residuals.#.block1.bn.", "res_block.#.res_block.1."),
                Rule("residuals.#.block1.act.", "res_block.#.res_block.2."),
                Rule("residuals.#.block2.cnn.", "res_block.#.res_block.3."),
                Rule("residuals.#.block2.bn.", "res_block.#.res_block.4."),
                // aladdinpersson's code creates these PReLU slopes but never applies them.
                Rule("residuals.#.block2.act.", nil), Rule("convblock.act.", nil),
                Rule("convblock.cnn.", "conv2.0."), Rule("convblock.bn.", "conv2.1."),
                Rule("upsamples.#.conv.", "upsampling.#.", times: 3),
                Rule("upsamples.#.act.", "upsampling.#.", times: 3, plus: 2), Rule("final.", "conv3."),
            ]
        case .swiftSRGAN:
            [
                Rule("initial.cnn.", "conv1.0."), Rule("initial.act.", "conv1.1."),
                Rule("residual.#.block1.cnn.", "res_block.#.res_block.0."),
                Rule("residual.#.block1.bn.", "res_block.#.res_block.1."),
                Rule("residual.#.block1.act.", "res_block.#.res_block.2."),
                Rule("residual.#.block2.cnn.", "res_block.#.res_block.3."),
                Rule("residual.#.block2.bn.", "res_block.#.res_block.4."),
                // That project's code creates these PReLU slopes but never applies them.
                Rule("residual.#.block2.act.", nil), Rule("convblock.act.", nil),
                Rule("convblock.cnn.", "conv2.0."), Rule("convblock.bn.", "conv2.1."),
                Rule("upsampler.#.conv.", "upsampling.#.", times: 3),
                Rule("upsampler.#.act.", "upsampling.#.", times: 3, plus: 2), Rule("final_conv.", "conv3."),
            ]
        }
    }

    private static func blockRules(_ prefix: String, minus offset: Int) -> [Rule] {
        ["conv1.", "bn1.", "prelu.", "conv2.", "bn2."].enumerated().map { index, layer in
            Rule(prefix + layer, "res_block.#.res_block.\(index).", plus: -offset)
        }
    }

    /// Renames the entries to this project's names and adds the entries that a family omits, filled with zeros.
    ///
    /// - Throws: `extraKey` if two entries get the same name; `wrongShape` for an unexpected separable convolution.
    func renamed(_ original: [String: Tensor]) throws(NeuralNetworkError) -> [String: Tensor] {
        let rules = rules
        let tensors = self == .swiftSRGAN ? try SeparableConvolution.merged(original) : original
        var result: [String: Tensor] = [:]
        for (key, tensor) in tensors {
            let outcome = rules.lazy.compactMap { $0.apply(key) }.first ?? .renamed(key)
            guard case .renamed(let name) = outcome else { continue }
            guard result.updateValue(tensor, forKey: name) == nil else {
                throw NeuralNetworkError(.extraKey, "Two entries are renamed to \"\(name)\".")
            }
        }
        switch self {
        case .lornatang, .aladdinpersson: Self.addBiases(to: &result)
        case .pyTorchGAN: Self.addSlopes(to: &result)
        default: break
        }
        return result
    }

    /// Adds biases of zero, because some projects omit the bias of a convolution that precedes a normalisation.
    private static func addBiases(to tensors: inout [String: Tensor]) {
        for (key, weight) in tensors where key.hasPrefix("res_block.") || key == "conv2.0.weight" {
            guard weight.shape.count == 4, key.hasSuffix(".weight") else { continue }
            let bias = String(key.dropLast("weight".count) + "bias")
            if tensors[bias] == nil { tensors[bias] = Tensor(shape: [weight.shape[0]]) }
        }
    }

    /// Adds PReLU slopes of zero for the first version of PyTorch-GAN, which uses only ReLU: a ReLU is a PReLU with the
    /// slope zero.
    private static func addSlopes(to tensors: inout [String: Tensor]) {
        guard isReLUVersion(tensors) else { return }
        tensors["conv1.1.weight"] = Tensor(shape: [1])
        for key in Array(tensors.keys) where key.hasSuffix(".res_block.0.weight") {
            tensors[String(key.dropLast("0.weight".count) + "2.weight")] = Tensor(shape: [1])
        }
        for stage in 0..<2 { tensors["upsampling.\(4 * stage + 3).weight"] = Tensor(shape: [1]) }
    }

    /// True for a state dict of PyTorch-GAN, already renamed, that has no PReLU slopes.
    static func isReLUVersion(_ tensors: [String: Tensor]) -> Bool {
        tensors["conv1.1.weight"] == nil && tensors["res_block.0.res_block.2.weight"] == nil
    }
}
