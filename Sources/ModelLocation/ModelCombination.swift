import LinuxSupport

/// Model files that make one model together: a single file, a chain of models that run one after another, or two models
/// whose weights are mixed.
public struct ModelCombination: Sendable, Equatable {
    /// The SHA-256 of each file in lower-case hexadecimal: a chain's models in the order in which they run, or the
    /// fidelity model and the perceptual model of a mixture.
    public let hashes: [String]
    /// The share of the perceptual model in a mixture of two; nil for a single model or a chain.
    public let texture: Double?

    /// Names the files; `texture` needs two of them.
    public init(hashes: [String], texture: Double? = nil) {
        precondition(texture == nil || hashes.count == 2, "a mixture has two models")
        self.hashes = hashes
        self.texture = texture
    }

    /// The hash that identifies the combination: that of a single model's file, or the hash of `text`.
    public var sha256: String { hashes.count == 1 ? hashes[0] : SHA256.hash(Array(text.utf8)) }

    /// The hashes as text, one a line; a mixture has a line with its texture before them.
    public var text: String {
        (texture.map { "texture \($0)\n" } ?? "") + hashes.map { $0 + "\n" }.joined()
    }

    /// Reads what `text` wrote; nil for any other text.
    public init?(text: String) {
        var lines = text.split(separator: "\n").map(String.init)
        let texture = lines.first.flatMap { line in
            line.hasPrefix("texture ") ? Double(line.dropFirst("texture ".count)) : nil
        }
        if texture != nil { lines.removeFirst() }
        let isHash = { (line: String) in line.utf8.count == 64 && line.allSatisfy(\.isHexDigit) }
        guard !lines.isEmpty, lines.allSatisfy(isHash), texture == nil || lines.count == 2 else { return nil }
        self.init(hashes: lines, texture: texture)
        guard self.text == text else { return nil }
    }
}
