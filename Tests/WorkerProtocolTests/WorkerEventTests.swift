import Testing
import WorkerProtocol

@Suite struct WorkerEventTests {
    private static let sandbox: SandboxReport = {
        var report = SandboxReport()
        report.hasNoNewPrivileges = true
        report.landlock = 4
        report.memoryBytes = 2_064_000_000
        report.coreBytes = 0
        report.lacks = ["seccomp (why)"]
        return report
    }()

    private static let result: WorkerResult = {
        var result = WorkerResult()
        result.inputWidth = 40
        result.inputHeight = 30
        result.outputWidth = 160
        result.outputHeight = 120
        result.format = "png"
        result.tiles = 6
        result.decodeSeconds = 0.25
        result.upscaleSeconds = 1.5
        result.encodeSeconds = 0.125
        result.cpuSeconds = 3
        result.peakMemoryBytes = 123_456_789
        result.notes = ["CMYK was converted to sRGB.", "\u{1B}[31m"]
        return result
    }()

    /// Every event, and its line as the worker writes it.
    private static let lines: [(event: WorkerEvent, line: String)] = [
        (
            .start(
                WorkerStart(
                    version: "1.2", model: "tiny", modelSHA256: "ab", threads: 2, kernels: "avx2", sandbox: sandbox)),
            #"{"event":"start","version":"1.2","model":"tiny","model_sha256":"ab","threads":2,"kernels":"avx2","#
                + #""cage":{"no_new_privileges":true,"landlock":4,"seccomp":false,"memory_bytes":2064000000,"#
                + #""cpu_seconds":null,"file_bytes":null,"core_bytes":0,"processes":null,"descriptors":null,"#
                + #""lacks":["seccomp (why)"]}}"#
        ),
        (
            .start(
                WorkerStart(version: "", model: "", modelSHA256: "", threads: 0, kernels: "", sandbox: nil)),
            #"{"event":"start","version":"","model":"","model_sha256":"","threads":0,"kernels":"","cage":null}"#
        ),
        (
            .input(WorkerInput(width: 40, height: 30, bands: 3, bits: 8, format: "jpeg", tiles: 6)),
            #"{"event":"input","width":40,"height":30,"bands":3,"bits":8,"format":"jpeg","tiles":6}"#
        ),
        (
            .progress(WorkerProgress(tilesDone: 7, tilesTotal: 20)),
            #"{"event":"progress","tiles_done":7,"tiles_total":20}"#
        ),
        (
            .result(result),
            #"{"event":"result","input_width":40,"input_height":30,"output_width":160,"output_height":120,"#
                + #""format":"png","tiles":6,"decode_seconds":0.25,"upscale_seconds":1.5,"encode_seconds":0.125,"#
                + #""cpu_seconds":3,"peak_memory_bytes":123456789,"#
                + #""notes":["CMYK was converted to sRGB.","\u001b[31m"]}"#
        ),
        (
            .error(WorkerFailure(.truncated, message: "M.")),
            #"{"event":"error","reason":"truncated","message":"M."}"#
        ),
    ]

    private func event(_ line: String) -> WorkerEvent? { WorkerEvent(line: Array(line.utf8)) }

    /// The order of the fields is documented.
    @Test func eventsAreWrittenAndReadBack() {
        for (expected, line) in Self.lines {
            #expect(expected.line == line)
            #expect(event(line) == expected)
        }
    }

    @Test(arguments: [
        "libvips says: no", "{", "{}", "[1]", #"{"event":7}"#, #"{"event":"new"}"#, #" {"event":"error"}"#, "", "\u{0}",
        #"{"event":"error","reason":"corrupt","message":"\ud800"}"#, #"{"event":"input","width":640,"bands":1e}"#,
    ])
    func otherLinesAreNoEvents(line: String) { #expect(event(line) == nil) }

    @Test func missingFieldsAreEmpty() {
        #expect(event(#"{"event":"progress"}"#) == .progress(WorkerProgress(tilesDone: 0, tilesTotal: 0)))
        #expect(event(#"{"event":"result"}"#) == .result(WorkerResult()))
        guard case .start(let start)? = event(#"{"event":"start","cage":7}"#),
            case .error(let failure)? = event(#"{"event":"error"}"#)
        else {
            Issue.record("no event")
            return
        }
        #expect(start.sandbox == nil && start.version == "")
        #expect(failure.reason == nil && failure.reasonText == "" && failure.message == "")
    }

    @Test func fieldsOfAnotherTypeHideNoOthers() {
        let line =
            #"{"event":"input","width":640,"height":"480","tiles":null,"bands":[3],"format":7,"bits":8.9,"more":[1]}"#
        #expect(
            event(line) == .input(WorkerInput(width: 640, height: 0, bands: 0, bits: 8, format: "", tiles: 0)))
        guard case .result(let result)? = event(#"{"event":"result","notes":["a",7,null,"b"],"format":1}"#),
            case .start(let start)? = event(#"{"event":"start","cage":{"landlock":"4","seccomp":true,"lacks":[1]}}"#)
        else {
            Issue.record("no event")
            return
        }
        #expect(result.notes == ["a", "b"] && result.format == nil)
        var sandbox = SandboxReport()
        sandbox.hasSeccomp = true
        #expect(start.sandbox == sandbox)
    }

    @Test func numbersOutOfRangeAreZero() {
        let nothing = WorkerEvent.progress(WorkerProgress(tilesDone: 0, tilesTotal: 0))
        #expect(event(#"{"event":"progress","tiles_done":-1,"tiles_total":1e300}"#) == nothing)
        #expect(event(#"{"event":"progress","tiles_done":1e15,"tiles_total":-5}"#) == nothing)
        let line =
            #"{"event":"result","input_width":900000000000000,"input_height":10000000,"output_width":-4,"cpu_seconds":1e9}"#
        var expected = WorkerResult()
        expected.inputHeight = 10_000_000
        #expect(event(line) == .result(expected))
    }

    @Test func unknownReasonsKeepTheirWord() {
        guard case .error(let failure)? = event(#"{"event":"error","reason":"bored","message":"M."}"#) else {
            Issue.record("no event")
            return
        }
        #expect(failure.reason == nil && failure.reasonText == "bored" && failure.message == "M.")
        for reason in FailureReason.allCases {
            #expect(event(WorkerEvent.error(WorkerFailure(reason, message: "")).line) != nil)
            #expect(WorkerFailure(reason, message: "").reason == reason)
        }
    }
}
