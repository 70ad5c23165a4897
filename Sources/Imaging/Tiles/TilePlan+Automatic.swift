extension TilePlan {
    /// Chooses the grid with the shortest estimated time on the given number of threads.
    ///
    /// The cost of a tile is estimated as its kept area and half of its overlap, because each layer of the generator
    /// computes a smaller part of the overlap than the layer before.
    ///
    /// Large tiles compute the least overlap. But every thread needs a tile, and 2 threads need as long for 3 equal
    /// tiles as for 4. So all grids from the coarsest one up to `4 * threads` tiles are tried, and the grid with the
    /// least work for the busiest thread is chosen. If the coarsest grid already has that many tiles, it is chosen
    /// without trying others, and its last row of tiles is made less tall: see `tapered`.
    ///
    /// - Parameters:
    ///   - maximumTile: the longest side of a kept region; the best value depends on the generator's kernels and is
    ///     found by measuring.
    ///   - maximumBandHeight: the most kept rows in a row of tiles; it limits the memory use of very wide images.
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
                // Below 16 pixels a tile is mostly overlap, and the estimate becomes unreliable.
                guard min(plan.maximumKeptWidth, plan.maximumKeptHeight) >= 16 else { continue }
                let cost = plan.estimatedCost(threads: threads)
                if cost < bestCost * 0.98 { (best, bestCost) = (plan, cost) }
            }
        }
        return best
    }

    /// The estimated number of pixels that the busiest thread computes.
    private func estimatedCost(threads: Int) -> Double {
        let width = min(imageWidth, maximumKeptWidth + (columns > 1 ? overlap : 0))
        let height = min(imageHeight, maximumKeptHeight + (bands > 1 ? overlap : 0))
        return Double((count + threads - 1) / threads) * Double(width * height)
    }
}
