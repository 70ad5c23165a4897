extension NetworkGraph {
    /// The number of input pixels around a region that can affect its output.
    public var receptiveFieldRadius: Int {
        // The part of each value, along one axis, on which one input pixel's upscaling depends. The pixel is far enough
        // from the edges.
        let place = 1 << 20
        let scale = scale
        var needed = [Range<Int>?](repeating: nil, count: nodes.count)
        needed[output.index] = place * inputMultiple * scale..<(place * inputMultiple + 1) * scale
        for (index, node) in nodes.enumerated().reversed() {
            guard let range = needed[index] else { continue }
            let read: Range<Int> =
                switch node.operation {
                case .convolution(let layer, _):
                    range.lowerBound - layer.padding..<range.upperBound + layer.padding
                case .pixelShuffle(let factor), .nearest(let factor):
                    range.lowerBound / factor..<(range.upperBound + factor - 1) / factor
                case .pixelUnshuffle(let factor): range.lowerBound * factor..<range.upperBound * factor
                case .bilinear(let factor):
                    range.lowerBound / factor - 1..<(range.upperBound + factor - 1) / factor + 1
                default: range
                }
            for input in node.inputs {
                let known = needed[input] ?? read
                needed[input] =
                    min(known.lowerBound, read.lowerBound)..<max(known.upperBound, read.upperBound)
            }
        }
        guard let range = needed[0] else { return 0 }
        let pixel = place * inputMultiple
        return max(pixel - range.lowerBound, range.upperBound - pixel - 1)
    }
}
