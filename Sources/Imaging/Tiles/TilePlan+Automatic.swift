extension TilePlan {
    /// Chooses the grid that takes the least time.
    ///
    /// The grid depends on the image, the overlap and the limits alone, so that any number of threads writes the same
    /// bytes. Threads share the work on a tile if there are more threads than tiles, so small images need not be cut for
    /// them. The cost of a tile is estimated as its kept area and half of its overlap, because each layer of the
    /// generator computes a smaller part of the overlap than the layer before.
    ///
    /// The last row of tiles of a large image is made less tall: see `tapered`.
    ///
    /// - Parameters:
    ///   - maximumArea: The most pixels that a tile may read, its overlap included.
    ///   - maximumAreaOfFew: The same for grids of at most `fewTiles` tiles, whose tiles may be larger because only few
    ///     of them are in memory.
    ///   - maximumBandHeight: The most kept rows in a row of tiles; it limits the memory use of very wide images.
    public static func automatic(
        imageWidth: Int, imageHeight: Int, overlap: Int, maximumArea: Int, maximumAreaOfFew: Int,
        maximumBandHeight: Int
    ) -> TilePlan {
        func cheapest(_ area: Int) -> TilePlan {
            let grids = (1...imageHeight).lazy.compactMap { bands -> TilePlan? in
                guard (imageHeight + bands - 1) / bands <= maximumBandHeight else { return nil }
                return widest(
                    imageWidth: imageWidth, imageHeight: imageHeight, bands: bands, overlap: overlap, area: area)
            }
            var best: TilePlan?
            for plan in grids {
                // More rows of tiles only get costlier once they are lower than wide.
                if let found = best, plan.maximumKeptHeight * 4 < found.maximumKeptHeight { break }
                if best.map({ plan.estimatedCost < $0.estimatedCost }) ?? true { best = plan }
            }
            return best
                ?? TilePlan(
                    imageWidth: imageWidth, imageHeight: imageHeight, columns: imageWidth, bands: imageHeight,
                    overlap: overlap)
        }
        let few = cheapest(maximumAreaOfFew)
        if few.count <= fewTiles { return few }
        return cheapest(maximumArea).tapered(maximumBandHeight: maximumBandHeight, maximumArea: maximumArea)
    }

    /// The most tiles whose size is limited by `maximumAreaOfFew`.
    private static let fewTiles = 4

    /// The grid of `bands` rows with the widest tiles that read at most `area` pixels; nil if there is none.
    private static func widest(
        imageWidth: Int, imageHeight: Int, bands: Int, overlap: Int, area: Int
    ) -> TilePlan? {
        func plan(_ columns: Int) -> TilePlan {
            TilePlan(
                imageWidth: imageWidth, imageHeight: imageHeight, columns: columns, bands: bands, overlap: overlap)
        }
        let whole = plan(1)
        if whole.maximumInputArea <= area { return whole }
        let kept = area / whole.maximumInputHeight - 2 * overlap
        guard kept > 0 else { return nil }
        return plan((imageWidth + kept - 1) / kept)
    }

    /// The most pixels that a tile reads.
    public var maximumInputArea: Int { maximumInputWidth * maximumInputHeight }

    /// The estimated number of pixels that the tiles compute.
    var estimatedCost: Int {
        let width = min(imageWidth, maximumKeptWidth + (columns > 1 ? overlap : 0))
        let heights = [0, bands - 1].map { min(imageHeight, keptRows(ofBand: $0).count + (bands > 1 ? overlap : 0)) }
        return columns * width * ((bands - 1) * heights[0] + heights[1])
    }
}
