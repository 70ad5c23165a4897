extension StateDict {
    /// Prefixes that wrapping a network leaves on every name.
    private static let wrappings = ["module.", "_orig_mod.", "net."]
    /// Prefixes of the generator where a file holds other networks beside it, the preferred one first.
    private static let generators = ["generator_ema.", "netG.", "generator."]

    /// Takes off the prefixes that PyTorch's wrappers and training programs put before a network's names.
    ///
    /// - Returns: The generator's entries by their own names; `leftOut` counts those of other networks in the file.
    public static func strippingPrefixes(
        _ tensors: [String: Tensor]
    ) -> (tensors: [String: Tensor], leftOut: Int) {
        var (current, leftOut) = (tensors, 0)
        // Prefixes come in any order ("module.netG._orig_mod."), but not without end.
        for _ in 0..<8 {
            guard !current.isEmpty else { break }
            let prefix =
                wrappings.first { prefix in current.keys.allSatisfy { $0.hasPrefix(prefix) } }
                ?? generators.first { prefix in current.keys.contains { $0.hasPrefix(prefix) } }
            guard let prefix else { break }
            var stripped: [String: Tensor] = [:]
            for (key, tensor) in current where key.hasPrefix(prefix) {
                stripped[String(key.dropFirst(prefix.count))] = tensor
            }
            leftOut += current.count - stripped.count
            current = stripped
        }
        return (current, leftOut)
    }
}
