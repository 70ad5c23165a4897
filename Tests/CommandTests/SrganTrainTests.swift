import Foundation
import NeuralNetwork
import Testing

@Suite("srgan train")
struct SrganTrainTests {
    /// A runner whose folder contains two images and the configuration of a tiny run.
    private func prepared(iterations: Int) throws -> SrganRunner {
        let srgan = try SrganRunner()
        try FileManager.default.createDirectory(atPath: srgan.path("images"), withIntermediateDirectories: true)
        try SampleImages.write(srgan.path("images/large.png"), width: 40, height: 36)
        try SampleImages.write(srgan.path("images/small.png"), width: 40, height: 20)
        try """
        stage = "pretrain"
        output = "run"
        seed = 1
        iterations = \(iterations)
        data = { folders = ["images"], crop = 32, batch = 2 }
        generator = { blocks = 1, channels = 16 }
        report = { log_every = 1, statistics_batches = 1 }
        """.write(toFile: srgan.path("run.toml"), atomically: true, encoding: .utf8)
        return srgan
    }

    @Test("a run leaves a model that upscales")
    func run() throws {
        let srgan = try prepared(iterations: 2)
        let result = try srgan.run(["train", srgan.path("run.toml")])
        #expect(result.status == 0)
        #expect(result.errors.contains("small.png has 40 x 20 pixels"))
        #expect(result.errors.hasPrefix("Reading 2 images.\n"))
        #expect(result.errors.contains("iteration 2/2") && result.errors.contains("l_g_pix"))
        #expect(result.errors.contains(/iteration 1\/2  [0-9.]+ it\/s  [0-9.]+s left  l_g_pix/))
        #expect(result.errors.contains("it/s  0.00s left"))
        let model = srgan.path("run/model.safetensors")
        #expect(String(decoding: result.output, as: UTF8.self).hasSuffix("run/model.safetensors\n"))
        let upscaled = try srgan.run(
            ["upscale", "--model", model, srgan.path("images/large.png"), srgan.path("out.png")])
        #expect(upscaled.status == 0)
        #expect(try SampleImages.inspect(srgan.path("out.png")).width == 160)

        let again = try srgan.run(["train", srgan.path("run.toml")])
        #expect(again.status == 78 && again.errors.contains("already exists"))
        // A model without a checkpoint is not this run's.
        unlink(srgan.path("run/checkpoint.safetensors"))
        let foreign = try srgan.run(["train", srgan.path("run.toml")])
        #expect(foreign.status == 78 && foreign.errors.contains("model.safetensors already exists"))
    }

    /// A signal saves a checkpoint, and --resume continues from it.
    @Test("stopping and resuming", arguments: ["INT", "TERM"])
    func stopping(signal: String) throws {
        let srgan = try prepared(iterations: 1_000_000)
        let stopped = try srgan.shell(
            """
            $SRGAN train run.toml & pid=$!
            for i in $(seq 600); do [ -s run/log.jsonl ] && break; sleep 0.1; done
            kill -\(signal) $pid; wait $pid
            """)
        #expect(stopped.status == 75)
        #expect(stopped.errors.contains("--resume continues"))
        #expect(srgan.exists("run/checkpoint.safetensors") && !srgan.exists("run/model.safetensors"))
        let text = try String(contentsOfFile: srgan.path("run.toml"), encoding: .utf8)
        try text.replacingOccurrences(of: "iterations = 1000000", with: "iterations = 1")
            .write(toFile: srgan.path("run.toml"), atomically: true, encoding: .utf8)
        let resumed = try srgan.run(["train", srgan.path("run.toml"), "--resume"])
        #expect(resumed.status == 0 && srgan.exists("run/model.safetensors"))
    }

    /// While the images are read, a signal ends the program at once. A pipe without a writer keeps it reading.
    @Test("stopping while the images are read", arguments: ["INT", "TERM"])
    func stoppingWhileLoading(signal: String) throws {
        let srgan = try prepared(iterations: 2)
        let stopped = try srgan.shell(
            """
            mkfifo images/pipe.png; $SRGAN train run.toml 2> errors & pid=$!
            until grep -qs '^Reading 3 images' errors; do kill -0 $pid || exit 1; sleep 0.1; done
            kill -\(signal) $pid; wait $pid; status=$?; cat errors >&2; exit $status
            """)
        #expect(stopped.status == 75)
        #expect(stopped.errors == "Reading 3 images.\nsrgan: stopped before the first step.\n")
        #expect(!srgan.exists("run"))
    }

    /// A run that is killed at any time continues from its last checkpoint, and its log has each iteration once.
    @Test("killed and resumed")
    func killed() throws {
        let srgan = try prepared(iterations: 1_000_000)
        let text = try String(contentsOfFile: srgan.path("run.toml"), encoding: .utf8)
            .replacingOccurrences(of: "log_every = 1", with: "log_every = 1, checkpoint_every = 3")
        func write(_ name: String, iterations: Int) throws {
            try text.replacingOccurrences(of: "iterations = 1000000", with: "iterations = \(iterations)")
                .replacingOccurrences(of: "\"run\"", with: "\"\(name)\"")
                .write(toFile: srgan.path("\(name).toml"), atomically: true, encoding: .utf8)
        }
        try write("run", iterations: 1_000_000)
        _ = try srgan.shell(
            """
            $SRGAN train run.toml & pid=$!
            for i in $(seq 600); do [ "$(cat run/log.jsonl 2>/dev/null | wc -l)" -ge 5 ] && break; sleep 0.1; done
            kill -KILL $pid; wait $pid; printf '{"iterat' >> run/log.jsonl
            """)
        #expect(!srgan.exists("run/model.safetensors"))
        let checkpoint = try SafetensorsFile(bytes: srgan.bytes("run/checkpoint.safetensors"), name: "checkpoint")
        let end = try #require(checkpoint.metadata["iteration"].flatMap { Int($0) }) + 2
        try write("run", iterations: end)
        try write("whole", iterations: end)
        #expect(try srgan.run(["train", srgan.path("run.toml"), "--resume"]).status == 0)
        #expect(try srgan.run(["train", srgan.path("whole.toml"), "--threads", "1"]).status == 0)
        let iterations = try String(decoding: srgan.bytes("run/log.jsonl"), as: UTF8.self).split(separator: "\n").map {
            try JSONDecoder().decode([String: Double].self, from: Data($0.utf8))["iteration"]
        }
        #expect(iterations == (1...end).map(Double.init))
        #expect(try srgan.bytes("run/model.safetensors") == srgan.bytes("whole/model.safetensors"))
    }

    @Test("a validation is reported")
    func validation() throws {
        let srgan = try prepared(iterations: 2)
        let text = try String(contentsOfFile: srgan.path("run.toml"), encoding: .utf8)
        try (text + "\nvalidation = { folders = [\"images\"], samples = 1 }\ndegradation = { jpeg = 1 }\n")
            .write(toFile: srgan.path("run.toml"), atomically: true, encoding: .utf8)
        let result = try srgan.run(["train", srgan.path("run.toml")])
        #expect(result.status == 0)
        let line = try #require(result.errors.split(separator: "\n").first { $0.hasPrefix("validation 2  images ") })
        #expect(line.contains("(bicubic ") && line.hasSuffix(" at 2"))
        #expect(try SampleImages.inspect(srgan.path("run/samples/0000002.png")).width == 1212)
        #expect(srgan.exists("run/curves.svg") && srgan.exists("run/events.out.tfevents.0000000001.srgan"))
    }

    @Test("mistakes are reported")
    func mistakes() throws {
        let srgan = try prepared(iterations: 2)
        #expect(try srgan.run(["train", srgan.path("missing.toml")]).status == 78)
        #expect(try srgan.run(["train", srgan.path("run.toml"), "--threads", "0"]).status == 64)
        #expect(try srgan.run(["train", srgan.path("run.toml"), "--resume"]).status == 78)
        let text = try String(contentsOfFile: srgan.path("run.toml"), encoding: .utf8)
        try text.replacingOccurrences(of: "crop = 32", with: "crop = 128")
            .write(toFile: srgan.path("large.toml"), atomically: true, encoding: .utf8)
        let large = try srgan.run(["train", srgan.path("large.toml")])
        #expect(large.status == 65 && large.errors.contains("None of the 2 images"))
        try text.replacingOccurrences(of: "seed", with: "seeds")
            .write(toFile: srgan.path("typing.toml"), atomically: true, encoding: .utf8)
        let typing = try srgan.run(["train", srgan.path("typing.toml")])
        #expect(typing.status == 78)
        let lines = typing.errors.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0].hasSuffix("typing.toml: seed: is missing; write for example seed = 1."))
        #expect(lines[1].contains("typing.toml:3: seeds: is not a known key; known here: "))
    }
}
