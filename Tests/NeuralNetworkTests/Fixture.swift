import Foundation
import NeuralNetwork
import Testing

/// Loads a file of Fixtures/, made by scripts/fixtures/make_fixtures.py.
func loadFixture(_ name: String) throws -> SafetensorsFile {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: "safetensors"))
    return try SafetensorsFile(bytes: [UInt8](Data(contentsOf: url)), name: name)
}
