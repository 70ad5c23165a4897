import LinuxSupport

/// The identity of models that run one after another, each on the result of the one before.
public enum ModelChain {
    /// The hash that identifies the models: the hash of a single model's file, or the hash of `text`.
    ///
    /// - Parameter hashes: The SHA-256 of each model's file in lower-case hexadecimal, in the order in which they run.
    public static func sha256(of hashes: [String]) -> String {
        hashes.count == 1 ? hashes[0] : SHA256.hash(Array(text(of: hashes).utf8))
    }

    /// The hashes of a chain's models as text, one a line.
    public static func text(of hashes: [String]) -> String { hashes.map { $0 + "\n" }.joined() }

    /// The hashes that `text` wrote; nil for any other text.
    public static func hashes(in text: String) -> [String]? {
        let lines = text.split(separator: "\n").map(String.init)
        let isHash = { (line: String) in line.utf8.count == 64 && line.allSatisfy(\.isHexDigit) }
        guard !lines.isEmpty, lines.allSatisfy(isHash), Self.text(of: lines) == text else { return nil }
        return lines
    }
}
