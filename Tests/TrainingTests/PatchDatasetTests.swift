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

    /// A folder with two ready pairs, whose targets are not what their inputs were made from, and a photograph.
    private func pairFolder() throws -> (folder: TrainingFolder, section: RunConfiguration.PairsSection) {
        let folder = try TrainingFolder()
        try folder.write(.shapes(width: 8, height: 10, seed: 1), "inputs/a.png")
        try folder.write(.shapes(width: 32, height: 40, seed: 2), "targets/a.png")
        try folder.write(.shapes(width: 12, height: 8, seed: 3), "inputs/b.png")
        try folder.write(.shapes(width: 48, height: 32, seed: 4), "targets/bx4.png")
        try folder.write(.shapes(width: 40, height: 40, seed: 5), "photos/c.png")
        let configuration = try RunConfiguration(
            toml: """
                stage = "pretrain"
                output = "run"
                seed = 1
                iterations = 1
                [pairs]
                inputs = ["inputs"]
                targets = ["targets"]
                """, folder: folder.path)
        #expect(configuration.data.folders.isEmpty && configuration.pairs?.share == 0.75)
        return (folder, try #require(configuration.pairs))
    }

    @Test func readyPairsAreTakenAsTheyAre() throws {
        let (folder, section) = try pairFolder()
        // The strongest degradation, which must not touch a ready pair.
        let sections = "[degradation]\nnoise = 1\nnoise_sigma = [50, 50]\njpeg = 1\njpeg_quality = [5, 5]"
        let degradation = Degradation(
            try #require(RunConfiguration.tiny(.pretrain, sections: sections).degradation))
        let dataset = try PatchDataset(
            folders: [], pairs: section, crop: 32, sampling: .crop, augments: false, degradation: degradation)
        #expect(dataset.count == 2 && dataset.skipped.isEmpty)
        /// The top rows of a file, as bytes of three planes.
        func top(_ name: String, rows: Int) throws -> [Int] {
            let image = try RGBImage(contentsOf: folder.path.appending(name))
            let region = PixelRegion(x: 0, y: 0, width: image.width, height: rows)
            return image.cropped(to: region).values.map { Int(($0 * 255).rounded()) }
        }
        func bytes(_ batch: Batch) -> [Int] { batch.tensor.values.map { Int((($0 + 1) * 127.5).rounded()) } }
        let low = Batch(context, count: 1, channels: 3, height: 8, width: 8)
        let high = Batch(context, count: 1, channels: 3, height: 32, width: 32)
        var random = SeededGenerator(seed: 1)
        // The first pair is as wide as a patch, so some patches are its top.
        let (input, target) = try (top("inputs/a.png", rows: 8), top("targets/a.png", rows: 32))
        var count = 0
        for _ in 0..<40 {
            try dataset.takePair(into: low, high, at: 0, random: &random)
            guard bytes(low) == input else { continue }
            count += 1
            #expect(bytes(high) == target)
        }
        #expect(count > 0)
    }

    @Test(arguments: [0, 0.25, 1]) func pairsHaveTheirShare(share: Double) throws {
        let (folder, pairs) = try pairFolder()
        var section = pairs
        section.share = share
        // The photograph is black, and no ready pair has a black patch.
        try folder.write(RGBImage(width: 40, height: 40, values: .init(repeating: 0, count: 4800)), "photos/c.png")
        let dataset = try PatchDataset(
            folders: [folder.path.appending("photos")], pairs: section, crop: 32, sampling: .crop, augments: true)
        let low = Batch(context, count: 400, channels: 3, height: 8, width: 8)
        let high = Batch(context, count: 400, channels: 3, height: 32, width: 32)
        var random = SeededGenerator(seed: 1)
        for sample in 0..<400 { try dataset.takePair(into: low, high, at: sample, random: &random) }
        let values = high.tensor.values
        let black = (0..<400).count { sample in
            values[(3072 * sample)..<(3072 * (sample + 1))].allSatisfy { $0 == -1 }
        }
        #expect(abs(Double(400 - black) / 400 - share) < 0.1)
    }

    @Test func pairsWithoutATargetOrOfAnotherSizeAreSkipped() throws {
        let (folder, section) = try pairFolder()
        try folder.write(.shapes(width: 8, height: 8, seed: 6), "inputs/lonely.png")
        try folder.write(.shapes(width: 8, height: 8, seed: 7), "inputs/odd.png")
        try folder.write(.shapes(width: 32, height: 36, seed: 8), "targets/odd.png")
        let dataset = try PatchDataset(folders: [], pairs: section, crop: 32, sampling: .crop, augments: true)
        #expect(dataset.count == 2)
        #expect(dataset.skipped.count == 2)
        #expect(dataset.skipped[0].reason.contains("lonely.png has no target in"))
        #expect(dataset.skipped[1].reason.contains("32 x 36") && dataset.skipped[1].reason.contains("32 x 32"))
        let error = #expect(throws: TrainingError.self) {
            try PatchDataset(folders: [], pairs: section, crop: 64, sampling: .crop, augments: true)
        }
        #expect(try #require(error).code == .noImages && #require(error).message.contains("less than the crop of 64"))
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
