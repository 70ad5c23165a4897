import ArgumentParser
import Foundation
import Imaging
import SRGAN
import SystemPackage

/// Times a generator on one tile. A benchmark script runs it in turn with the programs of other inference engines.
struct GeneratorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generator",
        abstract:
            "Upscale a tile on each thread, once for each line of standard input, and print the seconds it took.",
        discussion: """
            INPUT and OUTPUT are raw single-precision planes, [3, SIDE, SIDE] and [3, 4 SIDE, 4 SIDE], in [0, 1]. The first \
            output line names the kernels.
            """)

    @Argument var model: String
    @Argument var input: String
    @Argument var output: String
    @Argument var side: Int
    @Argument var threads: Int

    func run() throws {
        let generator = try LoadedGenerator(model: ModelFile.opening(FilePath(model)))
        let image = try Data(contentsOf: URL(fileURLWithPath: input)).withUnsafeBytes {
            Array($0.bindMemory(to: Float.self))
        }
        guard image.count == 3 * side * side else {
            throw ValidationError("\(input) is not a tile of \(side) x \(side).")
        }
        let side = side
        let tile = TilePlan(imageWidth: side, imageHeight: side, columns: 1, bands: 1, overlap: 0)[0]
        let lanes = (0..<threads).map { _ in
            Lane(generator: generator, inputWidth: side, inputHeight: side, keptPixels: side * side)
        }
        LineProtocol.serve(greeting: generator.kernels) {
            LineProtocol.onThreads(lanes.count) { lanes[$0].upscale(tile, of: image, width: side) }
        }
        try lanes[0].output.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: output)) }
    }
}
