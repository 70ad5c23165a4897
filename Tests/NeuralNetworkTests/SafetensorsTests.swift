import NeuralNetwork
import Testing

struct SafetensorsTests {
    private func file(header: String, data: [UInt8] = []) -> [UInt8] {
        let length = UInt64(header.utf8.count)
        return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * UInt64($0))) } + Array(header.utf8) + data
    }

    private func code(_ bytes: [UInt8]) -> NeuralNetworkError.Code? {
        do {
            _ = try SafetensorsFile(bytes: bytes, name: "m")
            return nil
        } catch {
            #expect(error.message.contains("m"), "\(error)")
            return error.code
        }
    }

    @Test func encodedFilesDecode() throws {
        let tensors = [
            "b": Tensor(shape: [2, 3], values: [1, -2, 3.5, 0, .pi, -0.0]), "a.weight": Tensor(shape: [], values: [7]),
            "empty": Tensor(shape: [0, 4], values: []),
        ]
        let written = SafetensorsFile(tensors: tensors, metadata: ["license": "CC0 \"ü\""]).encoded()
        let read = try SafetensorsFile(bytes: written, name: "m")
        #expect(read.tensors == tensors)
        #expect(read.metadata == ["license": "CC0 \"ü\""])
        #expect(written == read.encoded())
    }

    @Test func everyTruncationIsAnError() {
        let whole = SafetensorsFile(tensors: ["a": Tensor(shape: [3], values: [1, 2, 3])]).encoded()
        for count in 0..<whole.count {
            #expect(code(Array(whole[..<count])) == .truncated, "\(count) bytes")
        }
        #expect(code(whole) == nil)
        #expect(code(whole + [0]) == .malformed)
    }

    @Test func hostileHeadersAreErrors() {
        #expect(code(Array(repeating: 0xFF, count: 64)) == .malformed)
        #expect(code(file(header: "[]")) == .malformed)
        #expect(code(file(header: "{\"a\":1}")) == .malformed)
        let cases: [(String, Int, NeuralNetworkError.Code)] = [
            (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#, 4, .malformed),
            (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4, .malformed),
            (#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4, .malformed),
            (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4, .malformed),
            (#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}"#, 4, .malformed),
            (
                #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}"#,
                6, .malformed
            ),
            (
                #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}"#,
                12, .malformed
            ),
            (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 4, .truncated),
            (#"{"a":{"dtype":"Q4","shape":[1],"data_offsets":[0,4]}}"#, 4, .unsupportedType),
            (#"{"a":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}}"#, 4, .unsupportedType),
        ]
        for (header, count, expected) in cases {
            #expect(code(file(header: header, data: [UInt8](repeating: 0, count: count))) == expected, "\(header)")
        }
    }

    @Test func readsHalfPrecisionAndSkipsBookkeeping() throws {
        let header = #"""
            {"b":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},"h":{"dtype":"F16","shape":[5],"data_offsets":[4,14]},
            "n.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[14,22]}}
            """#
        let bf16: [UInt16] = [0x3F80, 0xC020]
        let f16: [UInt16] = [0x3C00, 0xC100, 0x0001, 0x7C00, 0x3555]
        let data =
            (bf16 + f16).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] } + [UInt8](repeating: 0, count: 8)
        let read = try SafetensorsFile(bytes: file(header: header, data: data), name: "m")
        #expect(read.tensors["b"]?.values == [1, -2.5])
        #expect(read.tensors["h"]?.values == [1, -2.5, 0x1p-24, .infinity, 0.333251953125])
        #expect(read.tensors.count == 2)
    }
}
