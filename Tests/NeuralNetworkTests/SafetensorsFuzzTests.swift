import Fuzzing
import Testing

@testable import NeuralNetwork

/// Fuzzing of safetensors files.
struct SafetensorsFuzzTests {
    private static func file(_ header: String, dataCount: Int) -> [UInt8] {
        let length = header.utf8.count
        return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(header.utf8)
            + (0..<dataCount).map { UInt8(truncatingIfNeeded: 37 &* $0) }
    }

    @Test func changedFiles() {
        let corpus = [
            SafetensorsFile(
                tensors: [
                    "a.weight": Tensor(shape: [2, 1, 3], values: [1, -2, 3.5, 0, .pi, -0.0]),
                    "b": Tensor(shape: [], values: [7]), "empty": Tensor(shape: [0, 4], values: []),
                ], metadata: ["scale": "4"]
            ).encoded(),
            Self.file(
                #"{"b":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},"h":{"dtype":"F16","shape":[5],"data_offsets":[4,14]}}"#,
                dataCount: 14),
            Self.file(
                #"{"n.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"a":{"shape":[1,1],"dtype":"F32","data_offsets":[8,12]}}"#,
                dataCount: 12),
        ]
        let dictionary = [
            "\"F32\"", "\"F16\"", "\"BF16\"", "\"F64\"", "\"BOOL\"", "\"shape\":", "\"dtype\":", "\"data_offsets\":",
            "__metadata__", "[0,0]", "[]", "{}", "[[[[", "null", "true", "\\u0000", "\\ud800", ",", "\"", ":", "-",
        ]
        let tally = FuzzCampaign("safetensors").run(Mutator(corpus: corpus, dictionary: dictionary, seed: 1)) { bytes in
            do throws(NeuralNetworkError) {
                let file = try SafetensorsFile(bytes: bytes, name: "m.safetensors")
                guard file.tensors.values.reduce(0, { $0 + 2 * $1.count }) <= bytes.count else { return .wrong("grew") }
                let written = file.encoded()
                let again = try? SafetensorsFile(bytes: written, name: "m")
                return again?.encoded() == written && again?.metadata == file.metadata
                    ? .accepted : .wrong("the result cannot be encoded")
            } catch {
                return error.message.contains("m.safetensors") ? .refused : .wrong(error.message)
            }
        }
        #expect(tally.wrong.isEmpty, "\(tally.wrong.joined(separator: "\n"))")
        #expect(tally.accepted > 100 && tally.refused > 1000, "\(tally.accepted) read, \(tally.refused) refused")
    }
}
