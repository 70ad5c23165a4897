import Foundation
import NeuralNetwork
import SRGAN
import SystemPackage
import Testing

@testable import Training

/// Targets made with a teacher whose output is known: it repeats each pixel 4 x 4 times.
struct TeacherTests {
    private let folder: TrainingFolder
    private let model: FilePath

    init() throws {
        folder = try TrainingFolder()
        for seed in 0..<5 {
            try folder.write(.shapes(width: 32 + 4 * seed, height: 32, seed: seed), "images/\(seed).png")
        }
        try folder.write("no image", "images/2b.png")
        model = folder.path.appending("teacher.safetensors")
        try Data(RepeatingModel.file().encoded()).write(to: URL(fileURLWithPath: model.string))
    }

    private func dataset(share: Double?, threads: Int = 1) throws -> PatchDataset {
        let teacher = try share.map { share in
            try Teacher(
                RunConfiguration.tiny(.pretrain, sections: "teacher = { model = \"\(model)\", share = \(share) }")
                    .teacher!)
        }
        return try PatchDataset(
            folders: [folder.path.appending("images")], crop: 32, sampling: .crop, augments: true, teacher: teacher,
            threads: threads)
    }

    @Test func theTargetHasTheTeachersShare() throws {
        let photographs = try dataset(share: nil).photographs
        let (none, half, all) = (
            try dataset(share: 0).photographs, try dataset(share: 0.5).photographs, try dataset(share: 1).photographs
        )
        #expect(photographs.count == 5)
        for index in photographs.indices {
            let photograph = photographs[index]
            #expect(none[index].high == photograph.high && all[index].low == photograph.low)
            let width = 4 * photograph.width
            for sample in all[index].high.indices {
                let (row, column) = (sample / 3 / width, sample / 3 % width)
                let repeated = photograph.low[(row / 4 * photograph.width + column / 4) * 3 + sample % 3]
                #expect(abs(Int(all[index].high[sample]) - Int(repeated)) <= 1)
                let mixed = (Double(photograph.high[sample]) + Double(repeated)) / 2
                #expect(abs(Double(half[index].high[sample]) - mixed) <= 1.01)
            }
        }
    }

    /// A teacher that shifts images to the left, averaged over all symmetries, treats an image and its flipped and rotated
    /// versions alike.
    @Test func symmetriesMakeATeacherFair() throws {
        let moving = folder.path.appending("moving.safetensors")
        try Data(RepeatingModel.file(tap: 5).encoded()).write(to: URL(fileURLWithPath: moving.string))
        var random = SeededGenerator(seed: 8)
        func image(_ width: Int, _ height: Int) -> RGBImage {
            RGBImage(width: width, height: height, values: (0..<3 * width * height).map { _ in random.uniform() })
        }
        let (small, photograph) = (image(12, 9), image(48, 36))
        func isFair(symmetries: Int, to symmetry: Symmetry) throws -> Bool {
            let teacher = try Teacher(
                RunConfiguration.tiny(
                    .pretrain,
                    sections: "teacher = { model = \"\(moving)\", share = 0.5, symmetries = \(symmetries) }"
                ).teacher!)
            let straight = try teacher.target(for: photograph, small: small).turned(by: symmetry)
            let turned = try teacher.target(
                for: photograph.turned(by: symmetry), small: small.turned(by: symmetry))
            return zip(straight.values, turned.values).allSatisfy { abs($0 - $1) < 1e-5 }
        }
        for bits in 1..<8 {
            let symmetry = Symmetry(bits: bits)
            #expect(small.turned(by: symmetry).turned(by: symmetry.inverse) == small)
            #expect(try isFair(symmetries: 8, to: symmetry))
            // The teacher does not shift rows.
            #expect(try isFair(symmetries: 1, to: symmetry) == (bits == 1))
            #expect(try isFair(symmetries: 4, to: symmetry) == (bits < 4))
        }
    }

    @Test func threadsDoNotMatter() throws {
        let (one, three) = (try dataset(share: 0.5), try dataset(share: 0.5, threads: 3))
        #expect(
            one.photographs.map(\.high) == three.photographs.map(\.high)
                && one.photographs.map(\.low) == three.photographs.map(\.low))
        #expect(one.skipped == three.skipped && one.skipped.count == 1)
    }

    @Test func aBadModelIsNamed() throws {
        func error(_ path: FilePath) throws -> TrainingError? {
            let section = try RunConfiguration.tiny(.pretrain, sections: "teacher = { model = \"\(path)\" }").teacher!
            return #expect(throws: TrainingError.self) { try Teacher(section) }
        }
        let missing = try #require(try error("/nowhere/teacher.safetensors"))
        #expect(missing.code == .configuration && missing.message.contains("/nowhere/teacher.safetensors"))
        try folder.write("no model", "bad.safetensors")
        let bad = try #require(try error(folder.path.appending("bad.safetensors")))
        #expect(bad.code == .configuration && bad.message.contains("bad.safetensors cannot be the teacher"))
    }
}
