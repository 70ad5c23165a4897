extension TilePlan {
    /// Chooses the grid that should be done first by so many threads.
    ///
    /// What a tile costs is taken as its area with half of the overlap around it, because the generator trims its regions
    /// layer by layer. Few large tiles waste the least overlap; but each thread must have one, and 3 equal tiles keep 2
    /// threads busy for the time of 4. So all grids from the coarsest up to about `4 * threads` tiles are tried, and the
    /// one with the shortest longest queue wins. On larger images the coarsest grid wins, with a low last row of tiles.
    ///
    /// - Parameters:
    ///   - maximumTile: the longest side of a kept region; what it should be is measured on the engine.
    ///   - maximumBandHeight: the most kept rows in a row of tiles, which bounds the memory of very wide images.
    public static func automatic(
        imageWidth: Int, imageHeight: Int, overlap: Int, threads: Int, maximumTile: Int, maximumBandHeight: Int
    ) -> TilePlan {
        let maximumHeight = max(1, min(maximumTile, maximumBandHeight))
        let coarsest = TilePlan(
            imageWidth: imageWidth, imageHeight: imageHeight, tileWidth: maximumTile,
            tileHeight: maximumHeight, overlap: overlap)
        var best = coarsest
        var bestCost = coarsest.estimatedCost(threads: threads)
        let most = 4 * threads
        guard coarsest.count < most else { return coarsest.tapered(maximumBandHeight: maximumHeight) }
        for bands in coarsest.bands...max(coarsest.bands, min(most, imageHeight)) {
            for columns in coarsest.columns...max(coarsest.columns, min(most, imageWidth)) {
                guard columns * bands <= most else { break }
                let plan = TilePlan(
                    imageWidth: imageWidth, imageHeight: imageHeight, columns: columns, bands: bands, overlap: overlap)
                // Below this a tile is mostly overlap, and the estimate is no longer worth much.
                guard min(plan.maximumKeptWidth, plan.maximumKeptHeight) >= 16 else { continue }
                let cost = plan.estimatedCost(threads: threads)
                if cost < bestCost * 0.98 { (best, bestCost) = (plan, cost) }
            }
        }
        return best
    }

    /// The area that the busiest thread computes.
    private func estimatedCost(threads: Int) -> Double {
        let width = min(imageWidth, maximumKeptWidth + (columns > 1 ? overlap : 0))
        let height = min(imageHeight, maximumKeptHeight + (bands > 1 ? overlap : 0))
        return Double((count + threads - 1) / threads) * Double(width * height)
    }
}
