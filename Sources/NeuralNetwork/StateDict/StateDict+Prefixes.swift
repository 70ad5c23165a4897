extension StateDict {
    /// Prefixes that wrappers such as `DataParallel` and `torch.compile` add to every name.
    private static let wrappings = ["module.", "_orig_mod.", "net."]
    /// Prefixes of the generator in files that hold several networks, the preferred one first.
    private static let generators = ["generator_ema.", "netG.", "generator."]

    /// Removes the prefixes that PyTorch's wrappers and training programs add to a network's names.
    ///
    /// - Returns: The generator's entries by their names without prefixes, and the number of entries that belong to
    ///   other networks.
    public static func strippingPrefixes(
        _ tensors: [String: Tensor]
    ) -> (tensors: [String: Tensor], leftOut: Int) {
        var (current, leftOut) = (tensors, 0)
        // Prefixes can be nested in any order ("module.netG._orig_mod."); the limit of 8 rounds ensures that the loop
        // ends.
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
