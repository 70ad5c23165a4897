import Testing

@testable import Training

struct CropSheetTests {
    private func panels(_ count: Int, width: Int, height: Int) -> [Evaluator.Panels] {
        (0..<count).map { index in
            let image = RGBImage.shapes(width: width, height: height, seed: index)
            let scores = ["bicubic", "a"].map { EvaluationReport.Score(method: $0, psnr: 30) }
            return Evaluator.Panels(
                index: index, title: "Mine \(index)", small: Resampler.downsample(image, by: 4),
                results: [image, image], original: image, scores: scores)
        }
    }

    @Test func theSeedChoosesTheCrops() {
        let sheet = CropSheet(count: 7, imageCount: 5, seed: 3)
        #expect(sheet.crops == CropSheet(count: 7, imageCount: 5, seed: 3).crops)
        #expect(sheet.crops != CropSheet(count: 7, imageCount: 5, seed: 4).crops)
        // Each image once before an image is used again, with another crop.
        #expect(Set(sheet.crops.prefix(5).map(\.image)).count == 5 && sheet.images == Set(0..<5))
        #expect(sheet.crops[5].image == sheet.crops[0].image && sheet.crops[5] != sheet.crops[0])
    }

    @Test func cropsStandSideBySideAtTwiceTheirSize() throws {
        let sheet = CropSheet(count: 3, imageCount: 2, seed: 1)
        let image = try #require(sheet.draw(panels(2, width: 200, height: 160)))
        // Original, bicubic, one model.
        #expect(image.width == 12 + 3 * 300 && image.height == 12 + 3 * (288 + 48 + 12))
        let crop = sheet.crops[0]
        let original = panels(2, width: 200, height: 160)[crop.image].original
        let (x, y) = (Int(crop.x * 56), Int(crop.y * 16))
        for column in 0..<3 {
            let shown = image.values[(12 + 48 + 5) * image.width + 12 + column * 300 + 9]
            #expect(shown == original.values[(y + 2) * 200 + x + 4])
        }
        #expect(CropSheet(count: 2, imageCount: 3, seed: 1).draw([]) == nil)
        // An image smaller than a crop is shown whole.
        #expect(sheet.draw(panels(2, width: 60, height: 48)) != nil)
    }
}
