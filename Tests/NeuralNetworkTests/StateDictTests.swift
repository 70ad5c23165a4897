import NeuralNetwork
import Testing

struct StateDictTests {
    private func message(_ body: (inout StateDict) throws(NeuralNetworkError) -> Void) -> String? {
        var state = StateDict([
            "c.weight": Tensor(shape: [4, 2, 3, 3]), "c.bias": Tensor(shape: [4]), "p.weight": Tensor(shape: [1]),
            "n.num_batches_tracked": Tensor(shape: []),
        ])
        do {
            try body(&state)
            return nil
        } catch {
            return error.message
        }
    }

    @Test func takingEverythingSucceeds() {
        let mistake = message { state throws(NeuralNetworkError) in
            let conv = try state.takeConv2d("c", inputChannels: 2, outputChannels: nil)
            #expect(conv.outputChannels == 4 && conv.padding == 1)
            _ = try state.takePReLU("p", channels: 4)
            try state.finish()
        }
        #expect(mistake == nil)
    }

    @Test func errorsNameTheEntry() {
        let missing = message { state throws(NeuralNetworkError) in
            _ = try state.takeConv2d("d", inputChannels: 2, outputChannels: 4)
        }
        #expect(missing == "The entry \"d.weight\" is missing.")
        let shape = message { state throws(NeuralNetworkError) in
            _ = try state.takeConv2d("c", inputChannels: 3, outputChannels: nil)
        }
        #expect(shape == "The entry \"c.weight\" has the shape [4, 2, 3, 3], not [any, 3, any, any].")
        let extra = message { state throws(NeuralNetworkError) in try state.finish() }
        #expect(extra == "The entry \"c.bias\" (and 2 more) is not part of this network.")
    }
}
