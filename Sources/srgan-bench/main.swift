import Foundation
import Imaging
import SRGAN
import SystemPackage

// Times the generator for Benchmarks/generator.py, which runs it and its peers in turn.
//
//   srgan-bench MODEL INPUT OUTPUT SIDE THREADS
//
// INPUT and OUTPUT are raw single-precision planes, [3, SIDE, SIDE] and [3, 4 SIDE, 4 SIDE], in [0, 1]. For each line of
// standard input every thread enlarges the tile once, and one line says how many seconds that took.

/// The threads of one round; each has its own workspace and output.
final class Lane: @unchecked Sendable {
    // Invariant: a lane is used by one thread at a time, and read after that thread has ended.
    let workspace: Workspace
    var output: [Float]

    init(generator: InferenceGenerator, side: Int) {
        workspace = generator.makeWorkspace(maximumWidth: side, maximumHeight: side)
        output = [Float](repeating: 0, count: 3 * 16 * side * side)
    }
}

let arguments = CommandLine.arguments
guard arguments.count == 6, let side = Int(arguments[4]), let threads = Int(arguments[5]) else {
    fatalError("usage: srgan-bench MODEL INPUT OUTPUT SIDE THREADS")
}
let generator = try InferenceGenerator(model: ModelFile(contentsOf: FilePath(arguments[1])))
let input = try Data(contentsOf: URL(fileURLWithPath: arguments[2])).withUnsafeBytes {
    Array($0.bindMemory(to: Float.self))
}
let lanes = (0..<threads).map { _ in Lane(generator: generator, side: side) }
let whole = PixelRegion(x: 0, y: 0, width: side, height: side)
/// Standard output through a pipe is buffered by print; the script waits for each line.
func say(_ text: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data("\(text)\n".utf8))
}

say(generator.kernels)

while readLine() != nil {
    let start = ContinuousClock.now
    let ended = DispatchGroup()
    for lane in lanes {
        ended.enter()
        Thread.detachNewThread {
            input.withUnsafeBufferPointer { input in
                lane.output.withUnsafeMutableBufferPointer { output in
                    try! generator.upscale(
                        input, width: side, height: side, keeping: whole, into: output, workspace: lane.workspace)
                }
            }
            ended.leave()
        }
    }
    ended.wait()
    say("\((ContinuousClock.now - start) / .seconds(1))")
}
try lanes[0].output.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: arguments[3])) }
