import Foundation
import NeuralNetwork
import SystemPackage

@testable import Training

/// A folder that is removed after the test.
final class TrainingFolder {
    let path: FilePath

    init() throws {
        path = FilePath(FileManager.default.temporaryDirectory.path).appending("srgan-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path.string) }

    func write(_ image: RGBImage, _ name: String) throws {
        let descriptor = try FileDescriptor.open(
            path(of: name), .readWrite, options: [.create, .truncate], permissions: .ownerReadWrite)
        try descriptor.closeAfter { try image.writePNG(to: descriptor.rawValue) }
    }

    func write(_ text: String, _ name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path(of: name).string))
    }

    /// The path of a file; creates the folders above it.
    private func path(of name: String) throws -> FilePath {
        let file = path.appending(name)
        try FileManager.default.createDirectory(
            atPath: file.removingLastComponent().string, withIntermediateDirectories: true)
        return file
    }
}

extension RGBImage {
    /// An image of soft shapes, different for each seed, from which a network can learn.
    static func shapes(width: Int, height: Int, seed: Int) -> RGBImage {
        let area = width * height
        let values = (0..<3 * area).map { i -> Float in
            let (x, y) = (Float(i % area % width), Float(i % area / width))
            let phase = Float(seed) + Float(i / area)
            return 0.5 + 0.25 * sin(0.23 * x + phase) + 0.25 * cos(0.31 * y - 0.1 * x + phase)
        }
        return RGBImage(width: width, height: height, values: values)
    }
}

extension RunConfiguration {
    /// The configuration of a tiny run, followed by the given sections.
    static func tiny(_ stage: Stage, output: FilePath = "run", sections: String = "") throws -> RunConfiguration {
        try RunConfiguration(
            toml: """
                stage = "\(stage.rawValue)"
                output = "\(output)"
                seed = 3
                iterations = 6
                data = { folders = ["images"], crop = 32, batch = 2 }
                generator = { blocks = 1, channels = 16 }
                discriminator = { channels = 4 }
                \(sections)
                """, folder: "/")
    }
}
