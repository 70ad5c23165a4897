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
        "tiles of images of every size compute little overlap and fit the memory",
        arguments: [
            (200, 150), (256, 256), (500, 500), (640, 480), (1000, 1000), (1300, 700), (2000, 1500), (60, 9000),
            (9000, 60), (12_000, 9_000),
        ])
    func automatic(size: (Int, Int)) {
        let plan = TilePlan.automatic(
            imageWidth: size.0, imageHeight: size.1, overlap: 20, maximumArea: 264 * 264,
            maximumAreaOfFew: 352 * 352, maximumBandHeight: 1000)
        #expect(plan.maximumInputArea <= (plan.count <= 4 ? 352 * 352 : 264 * 264))
        let most = size.0 * size.1 <= 256 * 256 ? 1 : size.0 * size.1 <= 500_000 ? 1.15 : 1.25
        #expect(Double(plan.estimatedCost) <= most * Double(size.0 * size.1), "\(plan.columns) x \(plan.bands)")
    }

    @Test(
        "large images end in a low row of tiles", arguments: [(1184, 848), (2368, 1697), (700, 513), (257, 4000)],
        [64, 40])
    func taper(size: (Int, Int), maximumHeight: Int) {
        let area = 104 * 104
        let plan = TilePlan.automatic(
            imageWidth: size.0, imageHeight: size.1, overlap: 20, maximumArea: area, maximumAreaOfFew: area,
            maximumBandHeight: maximumHeight)
        let rows = (0..<plan.bands).map { plan.keptRows(ofBand: $0) }
        #expect(rows.first?.lowerBound == 0 && rows.last?.upperBound == size.1)
        #expect(zip(rows, rows.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
        let heights = rows.map(\.count)
        #expect(heights.dropLast().allSatisfy { (plan.maximumKeptHeight - 1...plan.maximumKeptHeight).contains($0) })
        #expect(plan.maximumKeptHeight <= maximumHeight)
        #expect(heights.last ?? 0 <= plan.maximumKeptHeight && plan.maximumInputArea <= area)
        // The last row is at most a third as tall as the others, unless the limits do not allow more for those.
        let highest = min(maximumHeight, area / plan.maximumInputWidth - 40)
        #expect(plan.maximumKeptHeight >= highest - 1 || heights.last ?? 0 <= (plan.maximumKeptHeight + 2) / 3)
    }

    @Test("tiny images are not cut")
    func tiny() {
        let plan = TilePlan.automatic(
            imageWidth: 12, imageHeight: 9, overlap: 20, maximumArea: 168 * 168, maximumAreaOfFew: 168 * 168,
            maximumBandHeight: 1000)
        #expect(plan.count == 1)
    }

    @Test("an area that is too small for any tile gives tiles of one pixel")
    func noArea() {
        let plan = TilePlan.automatic(
            imageWidth: 50, imageHeight: 40, overlap: 20, maximumArea: 100, maximumAreaOfFew: 100,
            maximumBandHeight: 1000)
        #expect(plan.count == 2000)
    }

    @Test("the maximum band height limits the memory of wide images")
    func wide() {
        let plan = TilePlan.automatic(
            imageWidth: 100_000, imageHeight: 900, overlap: 20, maximumArea: 168 * 168, maximumAreaOfFew: 168 * 168,
            maximumBandHeight: 50)
        #expect(plan.maximumKeptHeight <= 50 && plan.maximumInputArea <= 168 * 168)
    }
}
