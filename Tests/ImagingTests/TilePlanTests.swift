import Testing

@testable import Imaging

@Suite("Tile plans")
struct TilePlanTests {
    static let sizes = [
        (1, 1), (1, 2), (2, 1), (7, 13), (97, 101), (1, 5000), (5000, 1), (3, 1999), (128, 128), (129, 127), (640, 480),
        (1009, 1013),
    ]
    static let tiles = [(1, 0), (8, 3), (16, 40), (64, 20), (128, 20), (192, 0), (4096, 40)]

    @Test("every pixel is kept exactly once, by a tile that reads it and its overlap", arguments: sizes, tiles)
    func coverage(size: (Int, Int), tile: (Int, Int)) {
        let (width, height) = size
        // One-pixel tiles on a large image would only make the test slow.
        guard width * height / (tile.0 * tile.0) < 50_000 else { return }
        let plan = TilePlan(
            imageWidth: width, imageHeight: height, tileWidth: tile.0, tileHeight: tile.0, overlap: tile.1)
        var written = [UInt8](repeating: 0, count: width * height)
        var lastBand = 0
        for index in 0..<plan.count {
            let part = plan[index]
            #expect(part.index == index && (part.band == lastBand || part.band == lastBand + 1))
            lastBand = part.band
            #expect(part.keep.width > 0 && part.keep.height > 0)
            #expect(part.keep.width <= tile.0 && part.keep.height <= tile.0)
            #expect(part.keep.width <= plan.maximumKeptWidth && part.keep.height <= plan.maximumKeptHeight)
            #expect(part.input.width <= plan.maximumInputWidth && part.input.height <= plan.maximumInputHeight)
            let beyond = min(tile.1, BorderReflection.width)
            #expect(part.input == part.keep.grown(by: tile.1, imageWidth: width, imageHeight: height, beyond: beyond))
            #expect(
                part.keepInInput.x == part.keep.x - part.input.x && part.keepInInput.y == part.keep.y - part.input.y)
            #expect(plan.keptRows(ofBand: part.band) == part.keep.y..<part.keep.endY)
            let rows = plan.inputRows(ofBand: part.band)
            #expect(rows == max(0, part.input.y)..<min(height, part.input.endY))
            // A row beyond the border is a reflected one, which must be among the band's rows.
            for row in part.input.y..<part.input.endY {
                #expect(rows.contains(BorderReflection.source(of: row, in: height)))
            }
            for y in part.keep.y..<part.keep.endY {
                for x in part.keep.x..<part.keep.endX { written[y * width + x] += 1 }
            }
        }
        #expect(written.allSatisfy { $0 == 1 })
        #expect(lastBand == plan.bands - 1)
    }

    @Test("cuts are even")
    func evenCuts() {
        let plan = TilePlan(imageWidth: 640, imageHeight: 100, tileWidth: 192, tileHeight: 192, overlap: 20)
        #expect((0..<plan.count).map { plan[$0].keep.width } == [160, 160, 160, 160])
        #expect(plan.maximumInputWidth == 200)
    }

    @Test("a tile larger than the image covers the whole image")
    func largeTile() {
        let plan = TilePlan(imageWidth: 30, imageHeight: 20, tileWidth: 1000, tileHeight: 1000, overlap: 40)
        #expect(plan.count == 1)
        let beyond = BorderReflection.width
        #expect(plan[0].keep == PixelRegion(x: 0, y: 0, width: 30, height: 20))
        #expect(
            plan[0].input
                == PixelRegion(x: -beyond, y: -beyond, width: 30 + 2 * beyond, height: 20 + 2 * beyond))
    }

    @Test(
        "images of every size are shared well by any number of threads",
        arguments: [(200, 150), (256, 256), (500, 500), (640, 480), (1000, 1000), (1300, 700), (2000, 1500)],
        [1, 2, 4, 8, 16])
    func sharing(size: (Int, Int), threads: Int) {
        let plan = TilePlan.automatic(
            imageWidth: size.0, imageHeight: size.1, overlap: 20, maximumTile: 224, maximumBandHeight: 1000)
        #expect(plan.maximumKeptWidth <= 224 && plan.maximumKeptHeight <= 224)
        // The busiest thread's work, compared with an equal share of the image without any overlap. An image of less
        // than a quarter of a megapixel cannot be shared by many threads without much overlap.
        let share = Double(size.0 * size.1) / Double(threads)
        guard size.0 * size.1 >= (threads <= 4 ? 60_000 : 250_000) else { return }
        #expect(plan.estimatedCost(threads: threads) / share <= 1.4, "\(plan.columns) x \(plan.bands)")
    }

    @Test(
        "large images end in a low row of tiles", arguments: [(1184, 848), (2368, 1697), (700, 513), (257, 4000)],
        [64, 40])
    func taper(size: (Int, Int), maximumHeight: Int) {
        let plan = TilePlan.automatic(
            imageWidth: size.0, imageHeight: size.1, overlap: 20, maximumTile: 64,
            maximumBandHeight: maximumHeight)
        let rows = (0..<plan.bands).map { plan.keptRows(ofBand: $0) }
        #expect(rows.first?.lowerBound == 0 && rows.last?.upperBound == size.1)
        #expect(zip(rows, rows.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
        let heights = rows.map(\.count)
        #expect(Set(heights.dropLast()) == [plan.maximumKeptHeight] && plan.maximumKeptHeight <= maximumHeight)
        // There are no more rows of tiles than with even cuts. The last one is as low as that allows, but not below a
        // third.
        #expect(plan.bands == (size.1 + maximumHeight - 1) / maximumHeight)
        let lowest = max(size.1 - (plan.bands - 1) * maximumHeight, plan.maximumKeptHeight / 3 - plan.bands)
        #expect(heights.last ?? 0 <= plan.maximumKeptHeight && heights.last ?? 0 >= lowest)
        #expect(
            plan.maximumKeptHeight == maximumHeight || heights.last ?? 0 <= (plan.maximumKeptHeight + 2) / 3)
        #expect((0..<plan.count).allSatisfy { plan[$0].input.height <= plan.maximumInputHeight })
    }

    @Test("tiny images are not cut")
    func tiny() {
        let plan = TilePlan.automatic(
            imageWidth: 12, imageHeight: 9, overlap: 20, maximumTile: 128, maximumBandHeight: 1000)
        #expect(plan.count == 1)
    }

    @Test("the maximum band height limits the memory of wide images")
    func wide() {
        let plan = TilePlan.automatic(
            imageWidth: 100_000, imageHeight: 900, overlap: 20, maximumTile: 128, maximumBandHeight: 50)
        #expect(plan.maximumKeptHeight <= 50 && plan.maximumKeptWidth <= 128)
    }
}
