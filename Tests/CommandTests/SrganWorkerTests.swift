import Foundation
import Imaging
import Testing

@Suite("srgan upscale, the worker protocol", .serialized)
struct SrganWorkerTests {
    let srgan: SrganRunner

    init() throws {
        srgan = try SrganRunner()
    }

    /// The worker's output for an input, started as by the daemon.
    private func work(on name: String, _ options: String...) throws -> SrganRunner.Result {
        try srgan.run(
            ["upscale", "-", "-", "--json", "--model", srgan.model] + options, input: srgan.path(name),
            output: srgan.path("outbox.part"))
    }

    private func write(_ bytes: some Sequence<UInt8>, to name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: srgan.path(name)))
    }

    @Test("events come in order, with all their fields")
    func events() throws {
        try SampleImages.write(srgan.path("in"), width: 40, height: 30, format: .jpeg)
        let result = try work(on: "in", "--threads", "2", "--tile", "16")
        #expect(result.status == 0)
        let events = result.events
        #expect(result.errors.split(separator: "\n").count == events.count)
        #expect(events.first?["event"] as? String == "start" && events.last?["event"] as? String == "result")

        let start = try #require(result.event("start"))
        #expect(start["version"] as? String == "0.1.0" && start["threads"] as? Int == 2)
        #expect(start["model"] as? String == srgan.model && (start["model_sha256"] as? String)?.count == 64)
        #expect((start["kernels"] as? String)?.isEmpty == false)

        let input = try #require(result.event("input"))
        #expect(input["width"] as? Int == 40 && input["height"] as? Int == 30 && input["bands"] as? Int == 3)
        #expect(input["bits"] as? Int == 8 && input["format"] as? String == "jpeg" && input["tiles"] as? Int == 6)

        let progress = events.filter { $0["event"] as? String == "progress" }
        #expect(progress.compactMap { $0["tiles_done"] as? Int } == Array(1...6))
        #expect(progress.allSatisfy { $0["tiles_total"] as? Int == 6 })

        let end = try #require(result.event("result"))
        #expect(end["input_width"] as? Int == 40 && end["output_width"] as? Int == 160)
        #expect(end["input_height"] as? Int == 30 && end["output_height"] as? Int == 120)
        #expect(end["format"] as? String == "jpeg" && end["tiles"] as? Int == 6)
        for key in ["decode_seconds", "upscale_seconds", "encode_seconds", "cpu_seconds", "peak_memory_bytes"] {
            #expect(try #require(end[key] as? Double) >= 0, "\(key)")
        }
        #expect(end["notes"] as? [String] == [])
        #expect(try SampleImages.inspect(srgan.path("outbox.part")) == (.jpeg, 160, 120))
    }

    @Test("each bad input has its reason and exit code 65")
    func reasons() throws {
        try SampleImages.write(srgan.path("good.jpg"), width: 64, height: 64, format: .jpeg)
        try SampleImages.write(srgan.path("good.tif"), format: .tiff)
        let jpeg = try srgan.bytes("good.jpg")
        try write([], to: "empty")
        try write("Dear all, please find the photographs attached.".utf8, to: "letter.jpg")
        try write(jpeg.prefix(jpeg.count / 2), to: "cut.jpg")
        for (name, reason) in [
            ("empty", "empty"), ("letter.jpg", "not_an_image"), ("cut.jpg", "truncated"),
            ("good.tif", "unsupported_format"),
        ] {
            let result = try work(on: name, "--no-allow-tiff")
            #expect(result.status == 65)
            let error = try #require(result.event("error"), "\(name): \(result.errors)")
            #expect(error["reason"] as? String == reason)
            #expect((error["message"] as? String)?.isEmpty == false)
            #expect(result.event("result") == nil)
        }
        #expect(try work(on: "good.tif").status == 0)
        for (option, value) in [("--max-pixels", "4095"), ("--max-side", "63"), ("--max-file-size", "100")] {
            let result = try work(on: "good.jpg", option, value)
            #expect(result.event("error")?["reason"] as? String == "too_large")
        }
        let folder = try srgan.run(
            ["upscale", "-", "-", "--json", "--model", srgan.model], input: srgan.folder.path,
            output: srgan.path("outbox.part"))
        #expect(folder.event("error")?["reason"] as? String == "not_a_regular_file")
    }

    @Test("a missing, truncated or foreign model is exit code 78")
    func models() throws {
        try SampleImages.write(srgan.path("in.png"))
        let model = try srgan.bytes("tiny.safetensors")
        try write(model.prefix(model.count - 10), to: "cut.safetensors")
        try write("not a model".utf8, to: "other.safetensors")
        for name in ["missing", "cut", "other"] {
            let result = try srgan.run([
                "upscale", "--json", "--model", srgan.path("\(name).safetensors"), srgan.path("in.png"),
                srgan.path("out.png"),
            ])
            #expect(result.status == 78)
            #expect(result.event("error")?["reason"] as? String == "model_unusable")
            #expect(!srgan.exists("out.png"))
        }
    }

    @Test("a full disk is exit code 75 and a transient reason")
    func fullDisk() throws {
        try SampleImages.write(srgan.path("in.png"), width: 100, height: 100)
        let result = try srgan.shell("$SRGAN upscale - - --json --model $MODEL < in.png > /dev/full")
        #expect(result.status == 75)
        #expect(result.event("error")?["reason"] as? String == "disk_full", "\(result.errors)")
    }

    @Test("an image is computed by the threads that there are", arguments: [0, 1, 2, 3])
    func threads(started: Int) throws {
        try SampleImages.write(srgan.path("in.png"), width: 100, height: 100)
        let source = #"""
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <errno.h>
            #include <pthread.h>
            #include <stdlib.h>
            static int started;
            int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument) {
                size_t size = 0;
                if (attributes) pthread_attr_getstacksize(attributes, &size);
                if (size == 4 << 20 && started++ >= atoi(getenv("STARTED"))) return EAGAIN;
                int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) =
                    dlsym(RTLD_NEXT, "pthread_create");
                return real(thread, attributes, start, argument);
            }
            """#
        try write(source.utf8, to: "shortage.c")
        let result = try srgan.shell(
            """
            cc -shared -fPIC -o shortage.so shortage.c -ldl &&
            STARTED=\(started) LD_PRELOAD=./shortage.so $SRGAN upscale in.png out.png \\
                --json --threads 3 --tile 32 --model $MODEL
            """)
        // The decoder and one thread for the tiles are enough.
        #expect(result.status == (started < 2 ? 75 : 0), "\(result.errors)")
        if started < 2 {
            #expect(result.event("error")?["reason"] as? String == "out_of_memory")
        } else {
            #expect(try SampleImages.inspect(srgan.path("out.png")) == (.png, 400, 400))
        }
    }

    @Test("a limit of the file length is no full disk")
    func fileLimit() throws {
        try SampleImages.write(srgan.path("in.png"), width: 100, height: 100)
        let result = try srgan.shell(
            "trap '' XFSZ; ulimit -f 4; $SRGAN upscale - - --json --model $MODEL < in.png > out.png")
        #expect(result.event("error")?["reason"] as? String == "output_too_large", "\(result.errors)")
        #expect(result.status == 65)
    }

    @Test("--json alone does not end the program with its parent: a script may go on without it")
    func background() throws {
        try SampleImages.write(srgan.path("in.png"), width: 320, height: 320)
        // The inner shell ends while its child upscales the first of a hundred tiles. The pipe closes when the child ends.
        let result = try srgan.shell(
            """
            mkfifo alive
            bash -c '
                $SRGAN upscale in.png out.png --json --tile 32 --threads 1 --model $MODEL 2> events 9> alive &
                until grep -qs tiles_done events; do kill -0 $! || exit; done
            ' &
            timeout 300 cat alive; cat events >&2
            """)
        #expect(result.event("result") != nil, "\(result.errors.suffix(500))")
        #expect(srgan.exists("out.png"))
    }

    @Test("a usage error is an event too")
    func usageErrors() throws {
        for arguments in [["in.png"], ["in.png", "out.bmp"], ["in.png", "out.png", "--scale", "2"], ["--tile", "x"]] {
            let result = try srgan.run(["upscale", "--json"] + arguments)
            #expect(result.status == 64)
            #expect(result.events.count == 1 && result.errors.split(separator: "\n").count == 1, "\(result.errors)")
            let event = try #require(result.event("error"))
            #expect(event["reason"] as? String == "configuration")
            #expect((event["message"] as? String)?.isEmpty == false)
        }
        // `--json` is an option with a value here.
        let evaluate = try srgan.run(["evaluate", "--json", "scores.json"])
        #expect(evaluate.status == 64 && evaluate.errors.hasPrefix("Error: "))
        let model = try srgan.run(["model", "info", "--json"])
        #expect(model.status == 64 && model.errors.hasPrefix(#"{"version":1,"error":"Missing expected argument"#))
    }

    @Test("the worker ends when its parent does")
    func orphan() throws {
        try SampleImages.write(srgan.path("large.png"), width: 3000, height: 3000)
        // The inner shell starts the worker, waits for its first tile and ends. On its own the worker would run for
        // minutes.
        let result = try srgan.shell(
            """
            mkfifo alive
            bash -c '
                $SRGAN upscale large.png out.png --json --exit-with-parent --model $MODEL 2> events 9> alive &
                until grep -qs tiles_done events; do kill -0 $! || exit; done
            ' &
            timeout 60 cat alive
            """)
        #expect(result.status == 0, "the worker held its pipe open until the time was up")
        #expect(!srgan.exists("out.png"))
    }
}
