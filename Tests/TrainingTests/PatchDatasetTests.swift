import Imaging
import NeuralNetwork
import SystemPackage
import Testing

@testable import Training

struct PatchDatasetTests {
    private let context = ComputeContext(threads: 1)

    @Test func readsFoldersRecursivelyAndNamesWhatItSkips() throws {
        let folder = try TrainingFolder()
        try folder.write(.shapes(width: 40, height: 37, seed: 1), "b.png")
        try folder.write(.shapes(width: 32, height: 32, seed: 2), "below/deeper/a.png")
        try folder.write(.shapes(width: 31, height: 90, seed: 3), "small.png")
        try folder.write("no image", "broken.jpg")
        try folder.write("notes", "readme.txt")
        let dataset = try PatchDataset(folders: [folder.path], crop: 32, sampling: .crop, augments: true)
        #expect(dataset.count == 2)
        #expect(dataset.skipped.map { $0.path.lastComponent?.string } == ["broken.jpg", "small.png"])
        #expect(dataset.skipped[1].reason.contains("31 x 90") && dataset.skipped[1].reason.contains("small.png"))
        let resized = try PatchDataset(folders: [folder.path], crop: 32, sampling: .resize, augments: true)
        #expect(resized.count == 3)
    }

    @Test func refusesFoldersWithoutUsableImages() throws {
        let folder = try TrainingFolder()
        func error(_ path: FilePath) -> TrainingError? {
            #expect(throws: TrainingError.self) {
                try PatchDataset(folders: [path], crop: 32, sampling: .crop, augments: true)
            }
        }
        #expect(try #require(error(folder.path)).message.contains("holds no image"))
        #expect(try #require(error(folder.path.appending("missing"))).message.contains("cannot be listed"))
        try folder.write(.shapes(width: 16, height: 16, seed: 1), "small.png")
        let tooSmall = try #require(error(folder.path))
        #expect(tooSmall.code == .noImages && tooSmall.message.contains("small.png"))
    }

    /// Both patches of a pair show the same part of the image with the same rotation: downsampling the high-resolution patch
    /// gives the low-resolution patch, except at its edges, where the patch lacks the image's surroundings.
    @Test func bothPatchesOfAPairShowTheSamePart() throws {
        let dataset = PatchDataset(images: [.shapes(width: 120, height: 96, seed: 5)], crop: 32, augments: true)
        let low = Batch(context, count: 1, channels: 3, height: 8, width: 8)
        let high = Batch(context, count: 1, channels: 3, height: 32, width: 32)
        var random = SeededGenerator(seed: 1)
        for _ in 0..<40 {
            try dataset.takePair(into: low, high, at: 0, random: &random)
            let patch = RGBImage(width: 32, height: 32, values: high.tensor.values.map { ($0 + 1) / 2 })
            let reduced = Resampler.downsample(patch, by: 4)
            let lowValues = low.tensor.values
            for channel in 0..<3 {
                for y in 2..<6 {
                    for x in 2..<6 {
                        let i = (channel * 8 + y) * 8 + x
                        #expect(abs(reduced.values[i] - (lowValues[i] + 1) / 2) < 3 / 255)
                    }
                }
            }
        }
    }

    /// All eight symmetries occur, and no others.
    @Test func turnsAndFlips() throws {
        // Each pixel of the photograph has a unique colour.
        let values = (0..<3 * 256).map { Float($0 % 256) / 255 }
        let dataset = PatchDataset(
            images: [RGBImage(width: 16, height: 16, values: values)], crop: 16, augments: true)
        let low = Batch(context, count: 1, channels: 3, height: 4, width: 4)
        let high = Batch(context, count: 1, channels: 3, height: 16, width: 16)
        var random = SeededGenerator(seed: 1)
        var corners: Set<[Int]> = []
        for _ in 0..<200 {
            try dataset.takePair(into: low, high, at: 0, random: &random)
            let plane = high.tensor.values[0..<256].map { Int((($0 + 1) * 127.5).rounded()) }
            #expect(Set(plane).count == 256)
            corners.insert([plane[0], plane[15], plane[240], plane[255]])
        }
        #expect(corners.count == 8)
        #expect(corners.allSatisfy { Set($0) == [0, 15, 240, 255] })
    }

    /// A batch depends only on the seed and its number.
    @Test func loaderGivesTheSameBatchesFromAnyStart() throws {
        let dataset = PatchDataset(
            images: (0..<3).map { .shapes(width: 64, height: 64, seed: $0) }, crop: 32, augments: true)
        func batches(from first: Int, count: Int, seed: UInt64 = 9) throws -> [Tensor] {
            let loader = BatchLoader(dataset, count: 2, crop: 32, seed: seed, first: first, context: context)
            return try (0..<count).map { _ in try loader.next().pairs.high.tensor }
        }
        let all = try batches(from: 0, count: 6)
        #expect(try batches(from: 4, count: 2) == Array(all[4...]))
        #expect(all[0] != all[1])
        #expect(try batches(from: 0, count: 1, seed: 10)[0] != all[0])
    }
}
