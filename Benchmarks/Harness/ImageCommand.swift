import ArgumentParser
import Imaging
import NeuralNetwork
import SRGAN
import Synchronization
import SystemPackage

/// Times the network alone on the tiles of an image, cut as in `srgan upscale`.
struct ImageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image",
        abstract: "Compute an image's tiles, once for each line of standard input, and print the seconds it took.",
        discussion: "Nothing is decoded or encoded. The first output line describes the tiles.")

    @Argument var model: String
    @Argument var width: Int
    @Argument var height: Int
    @Option var threads = 1
    @Option(help: "The longest side of a tile; if larger than the image, the image is not cut.") var tile: Int?
    @Option(help: "The overlap of tiles in pixels, or 'exact'.") var overlap = "20"
    @Option(help: "Compute only this many tiles, spread evenly; the first line states their share of all pixels.")
    var sample: Int?

    func run() throws {
        let generator = try LoadedGenerator(model: ModelFile.opening(FilePath(model)))
        let settings = TileSettings(
            tile: tile, maximumTileArea: generator.maximumTileArea,
            overlap: overlap == "exact" ? .exact : .pixels(Int(overlap) ?? 20), threads: threads)
        let plan = settings.plan(
            width: width, height: height, receptiveFieldRadius: generator.receptiveFieldRadius,
            bandBytesPerRow: width * generator.scale * generator.scale * 3)
        // The time does not depend on the image's content, so any values will do.
        let image = (0..<3 * width * height).map { Float($0 &* $0 % 251) / 250 }
        let count = min(plan.count, sample ?? plan.count)
        let chosen = (0..<count).map { plan[$0 * plan.count / count] }
        let pixels = chosen.reduce(0) { $0 + $1.keep.pixelCount }
        let loops = SharedLoops(threads: threads)
        let lanes = (0..<min(threads, count)).map { index in
            Lane(
                generator: generator, inputWidth: plan.maximumInputWidth, inputHeight: plan.maximumInputHeight,
                keptPixels: plan.maximumKeptWidth * plan.maximumKeptHeight,
                sharer: LoopSharer(loops, thread: index))
        }
        let width = width
        let greeting =
            "\(plan.columns) x \(plan.bands) tiles of \(plan.maximumKeptWidth) x \(plan.maximumKeptHeight), "
            + "overlap \(plan.overlap), share \(Double(pixels) / Double(width * height))"
        LineProtocol.serve(greeting: greeting) {
            let next = Atomic(0)
            loops.begin(owners: lanes.count)
            LineProtocol.onThreads(threads) { lane in
                defer { loops.help(as: lane, wasOwner: lane < lanes.count) }
                while lane < lanes.count {
                    let index = next.add(1, ordering: .relaxed).oldValue
                    guard index < chosen.count else { return }
                    lanes[lane].upscale(chosen[index], of: image, width: width)
                }
            }
        }
    }
}
