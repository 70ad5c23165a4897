extension FastProgram {
    /// The parts of the values that must be computed for a part of the output.
    struct Regions {
        /// For each step, the part of its output before the pixel shuffle; nil if nothing is needed.
        var steps: [KernelRegion?]
        /// For each value, the part that is computed.
        var values: [KernelRegion?]
    }

    /// Computes the regions of all steps.
    ///
    /// - Parameters:
    ///   - output: The part of the network's output, in its pixels.
    ///   - width: The width of the network's smallest image.
    ///   - height: The height of the network's smallest image.
    func regions(output: KernelRegion, width: Int, height: Int) -> Regions {
        var regions = Regions(
            steps: [KernelRegion?](repeating: nil, count: steps.count),
            values: [KernelRegion?](repeating: nil, count: values.count))
        regions.values[steps[steps.count - 1].output] = output.divided(by: outputShuffle)
        func need(_ region: KernelRegion, of value: Int) {
            regions.values[value] = regions.values[value]?.joined(with: region) ?? region
        }
        for (index, step) in steps.enumerated().reversed() {
            guard let needed = regions.values[step.output] else { continue }
            let before = needed.divided(by: step.shuffle)
            regions.steps[index] = before
            // A pixel shuffle always writes whole blocks.
            regions.values[step.output] = before.multiplied(by: step.shuffle)
            if let skip = step.skip { need(needed, of: skip) }
            for source in step.sources {
                need(
                    before.grown(by: step.radius, within: image(of: source, width: width, height: height)), of: source)
            }
        }
        return regions
    }

    /// The whole image of a value.
    func image(of value: Int, width: Int, height: Int) -> KernelRegion {
        let resolution = values[value].resolution
        return KernelRegion(x: 0..<width * resolution, y: 0..<height * resolution)
    }
}

extension KernelRegion {
    /// The smallest region of an image 1 / `factor` times as large that covers this region.
    func divided(by factor: Int) -> KernelRegion {
        KernelRegion(
            x: x.lowerBound / factor..<(x.upperBound + factor - 1) / factor,
            y: y.lowerBound / factor..<(y.upperBound + factor - 1) / factor)
    }

    /// The same part of an image `factor` times as large.
    func multiplied(by factor: Int) -> KernelRegion {
        KernelRegion(
            x: x.lowerBound * factor..<x.upperBound * factor, y: y.lowerBound * factor..<y.upperBound * factor)
    }

    /// The smallest region that covers this one and another.
    func joined(with other: KernelRegion) -> KernelRegion {
        KernelRegion(
            x: min(x.lowerBound, other.x.lowerBound)..<max(x.upperBound, other.x.upperBound),
            y: min(y.lowerBound, other.y.lowerBound)..<max(y.upperBound, other.y.upperBound))
    }
}
