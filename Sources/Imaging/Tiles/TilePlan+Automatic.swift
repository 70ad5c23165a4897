extension TilePlan {
    /// Chooses a grid that takes little time on any number of threads.
    ///
    /// The grid depends on the image and the overlap alone, so that a machine with more processors writes the same
    /// bytes. The cost of a tile is estimated as its kept area and half of its overlap, because each layer of the
    /// generator computes a smaller part of the overlap than the layer before.
    ///
    /// Large tiles compute the least overlap. But every thread needs a tile, and 2 threads need as long for 3 equal
    /// tiles as for 4. So all grids from the coarsest one up to `mostTiles` tiles are tried, and the grid is chosen
    /// whose times on 1, 2, 4, 8 and 16 threads have the smallest geometric mean, among the grids that cost one thread
    /// at most `mostOverhead` times the image's pixels. If the coarsest grid already has that many tiles, it is chosen
    /// without trying others, and its last row of tiles is made less tall: see `tapered`.
    ///
    /// - Parameters:
    ///   - maximumTile: the longest side of a kept region; the best value depends on the generator's kernels and is
    ///     found by measuring.
    ///   - maximumBandHeight: the most kept rows in a row of tiles; it limits the memory use of very wide images.
    public static func automatic(
        imageWidth: Int, imageHeight: Int, overlap: Int, maximumTile: Int, maximumBandHeight: Int
    ) -> TilePlan {
        let maximumHeight = max(1, min(maximumTile, maximumBandHeight))
        let coarsest = TilePlan(
            imageWidth: imageWidth, imageHeight: imageHeight, tileWidth: maximumTile,
            tileHeight: maximumHeight, overlap: overlap)
        var best = coarsest
        var bestCost = coarsest.estimatedCost
        let most = max(mostOverhead * Double(imageWidth * imageHeight), coarsest.estimatedCost(threads: 1))
        guard coarsest.count < mostTiles else { return coarsest.tapered(maximumBandHeight: maximumHeight) }
        for bands in coarsest.bands...max(coarsest.bands, min(mostTiles, imageHeight)) {
            for columns in coarsest.columns...max(coarsest.columns, min(mostTiles, imageWidth)) {
                guard columns * bands <= mostTiles else { break }
                let plan = TilePlan(
                    imageWidth: imageWidth, imageHeight: imageHeight, columns: columns, bands: bands, overlap: overlap)
                // Below 16 pixels a tile is mostly overlap, and the estimate becomes unreliable.
                guard min(plan.maximumKeptWidth, plan.maximumKeptHeight) >= 16,
                    plan.estimatedCost(threads: 1) <= most
                else { continue }
                let cost = plan.estimatedCost
                if cost < bestCost * 0.98 { (best, bestCost) = (plan, cost) }
            }
        }
        return best
    }

    /// The most tiles of a grid that is chosen by its cost: four for each of 16 threads.
    private static let mostTiles = 64

    /// The most work that cutting a small image into tiles may cause, compared with the image without tiles. A small
    /// image therefore has fewer tiles than a machine with many processors has threads.
    private static let mostOverhead = 1.35

    /// The numbers of threads for which the cost is estimated.
    private static let threadCounts = [1, 2, 4, 8, 16]

    /// The product of the estimated numbers of pixels that the busiest thread computes, for each number of threads.
    private var estimatedCost: Double { Self.threadCounts.reduce(1) { $0 * estimatedCost(threads: $1) } }

    /// The estimated number of pixels that the busiest of `threads` threads computes.
    func estimatedCost(threads: Int) -> Double {
        let width = min(imageWidth, maximumKeptWidth + (columns > 1 ? overlap : 0))
        let height = min(imageHeight, maximumKeptHeight + (bands > 1 ? overlap : 0))
        return Double((count + threads - 1) / threads) * Double(width * height)
    }
}
