import Imaging
import Testing

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
            #expect(part.input == part.keep.grown(by: tile.1, imageWidth: width, imageHeight: height))
            #expect(
                part.keepInInput.x == part.keep.x - part.input.x && part.keepInInput.y == part.keep.y - part.input.y)
            #expect(plan.keptRows(ofBand: part.band) == part.keep.y..<part.keep.endY)
            #expect(plan.inputRows(ofBand: part.band) == part.input.y..<part.input.endY)
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
        #expect(plan[0].input == PixelRegion(x: 0, y: 0, width: 30, height: 20))
        #expect(plan[0].keep == plan[0].input)
    }

    @Test(
        "small images have a tile for each thread", arguments: [(200, 150), (128, 128), (100, 300), (256, 256)],
        [2, 3, 4, 8])
    func sharing(size: (Int, Int), threads: Int) {
        let plan = TilePlan.automatic(
            imageWidth: size.0, imageHeight: size.1, overlap: 20, threads: threads, maximumTile: 128,
            maximumBandHeight: 1000)
        #expect(plan.count >= min(threads, 2))
        #expect(plan.maximumKeptWidth <= 128 && plan.maximumKeptHeight <= 128)
        #expect(plan.count <= 4 * threads)
    }

    @Test(
        "large images end in a low row of tiles", arguments: [(1184, 848), (2368, 1697), (700, 513), (257, 4000)],
        [256, 100])
    func taper(size: (Int, Int), maximumHeight: Int) {
        let plan = TilePlan.automatic(
            imageWidth: size.0, imageHeight: size.1, overlap: 20, threads: 1, maximumTile: 256,
            maximumBandHeight: maximumHeight)
        let rows = (0..<plan.bands).map { plan.keptRows(ofBand: $0) }
        #expect(rows.first?.lowerBound == 0 && rows.last?.upperBound == size.1)
        #expect(zip(rows, rows.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
        let heights = rows.map(\.count)
        #expect(Set(heights.dropLast()) == [plan.maximumKeptHeight] && plan.maximumKeptHeight <= maximumHeight)
        // There are no more rows of tiles than with even cuts. The last one is as low as that allows, but not below a third.
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
            imageWidth: 12, imageHeight: 9, overlap: 20, threads: 8, maximumTile: 128, maximumBandHeight: 1000)
        #expect(plan.count == 1)
    }

    @Test("the maximum band height limits the memory of wide images")
    func wide() {
        let plan = TilePlan.automatic(
            imageWidth: 100_000, imageHeight: 900, overlap: 20, threads: 2, maximumTile: 128, maximumBandHeight: 50)
        #expect(plan.maximumKeptHeight <= 50 && plan.maximumKeptWidth <= 128)
    }
}
