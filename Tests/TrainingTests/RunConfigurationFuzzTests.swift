import Foundation
import Fuzzing
import Testing

@testable import Training

/// The configuration of a training run, changed at random.
struct RunConfigurationFuzzTests {
    @Test func changedFiles() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let corpus = try ["paper-pretrain", "paper", "small", "pytorch-gan"].map { name in
            let text = try String(contentsOf: root.appending(path: "examples/\(name).toml"), encoding: .utf8)
            return Array(text.split(separator: "\n").filter { !$0.hasPrefix("#") }.joined(separator: "\n").utf8)
        }
        let dictionary = [
            "[data]", "[loss]", "[report]", "[teacher]\nmodel = \"m\"\n", "share = 2", "= ", "\"", "\n", "{", "}",
            "true",
            "nan", "inf", "-inf", "-1", "0x", "1979-05-27", "\\u0000", "#", "[[", "crop = 16\n", "warmup = -1\n",
            "statistics_batches = -1\n", "{a={a={a={a=", "perceptual_weight = nan\n",
        ]
        let tally = FuzzCampaign("training").run(Mutator(corpus: corpus, dictionary: dictionary, seed: 14)) {
            bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            do throws(TrainingError) {
                let configuration = try RunConfiguration(toml: text, folder: "/runs")
                guard configuration.output.isAbsolute, configuration.data.folders.allSatisfy(\.isAbsolute) else {
                    return .wrong("a relative path")
                }
                // NaN does not equal itself.
                return configuration == (try? RunConfiguration(toml: text, folder: "/runs"))
                    ? .accepted : .wrong("reading it again gives another configuration")
            } catch {
                return error.code == .configuration && !error.message.isEmpty ? .refused : .wrong(error.message)
            }
        }
        #expect(tally.wrong.isEmpty, "\(tally.wrong.joined(separator: "\n"))")
        #expect(tally.accepted > 10 && tally.refused > 100, "\(tally.accepted) read, \(tally.refused) refused")
    }
}
