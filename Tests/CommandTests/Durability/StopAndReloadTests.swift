import FaultInjection
import Foundation
import Fuzzing
import JobQueue
import Testing

/// Promise 19: SIGTERM releases jobs without counting the attempt; SIGHUP accepts only good configurations.
@Suite(.serialized) struct StopAndReloadTests {
    @Test func randomStopsCountNoAttempt() throws {
        let stops = Torture.count(8, full: 200)
        let images = try SmallImage.set(2 * min(stops, 50))
        var random = SplitMix64(seed: 19)
        var interrupted = 0
        for first in stride(from: 0, to: stops, by: 50) {
            let run = try FaultRun(
                sections: "[workers]\nprocesses = 2\nthreads = 1\n[service]\nstop_timeout_seconds = 0")
            for round in 0..<min(50, stops - first) {
                let process = try run.daemon.launch([], environment: run.environment)
                // Before that, the signal has its default action, which ends the process.
                try run.daemon.wait("the daemon to handle signals") {
                    Self.blocks(SIGTERM, process.processIdentifier) ? true : nil
                }
                if !round.isMultiple(of: 4) {
                    try run.daemon.wait("the daemon to answer") { try? run.daemon.status() }
                }
                for number in [2 * round, 2 * round + 1] { try run.drop(images[number], as: "\(number).png") }
                usleep(UInt32.random(in: 0...500_000, using: &random))
                kill(process.processIdentifier, SIGTERM)
                #expect(try run.daemon.exit(of: process) == 0)
                let open = run.daemon.jobs().filter { !$0.state.isFinal }
                interrupted += open.count
                let charged = open.filter { $0.state != .available || $0.attempt != 0 }
                #expect(charged == [], "\(run.daemon.log)")
                #expect(try run.invariants.violationsAfterFault() == [])
            }
            #expect(try run.recover() == [])
            #expect(run.daemon.jobs().allSatisfy { $0.attempt == 1 })
        }
        Torture.report("19", "\(stops) random SIGTERMs, exit code 0 each time; \(interrupted) jobs went back uncharged")
    }

    @Test func aStopThatCountsAttemptsIsDetected() throws {
        let run = try FaultRun(
            sections: "[service]\nstop_timeout_seconds = 0", worker: "exec sleep 1000", fault: .chargeRelease)
        try run.start()
        try run.drop(SmallImage.set(1)[0], as: "a.png")
        try run.daemon.wait(for: "a.png", .running)
        #expect(try run.daemon.stop() == 0)
        #expect(run.daemon.jobs().contains { $0.attempt != 0 })
    }

    @Test(arguments: [nil, Fault.endAtBadConfiguration])
    func badConfigurationsAreRejected(_ fault: Fault?) throws {
        let run = try FaultRun(fault: fault)
        try run.start()
        let process = try #require(run.daemon.process)
        let good = try String(contentsOfFile: run.daemon.configurationPath.string, encoding: .utf8)
        let files = fault == nil ? Self.badConfigurations(good) : [good + "\n[nonsense]\n"]
        for (number, file) in files.enumerated() {
            try run.daemon.configure(file)
            kill(process.processIdentifier, SIGHUP)
            try run.daemon.wait("refusal \(number) of\n\(file)") {
                let refusals = run.daemon.log.components(separatedBy: "The new configuration was rejected").count - 1
                return refusals == number + 1 || !process.isRunning ? true : nil
            }
        }
        guard fault == nil else {
            #expect(try run.daemon.exit(of: process) != 0)
            return
        }
        #expect(try run.daemon.status()?.pid == process.processIdentifier)
        try run.drop(SmallImage.set(1)[0], as: "a.png")
        try run.settle()
        #expect(try run.daemon.stop() == 0)
        #expect(try run.invariants.violationsAfterRecovery() == [])
        Torture.report("19", "\(files.count) bad configurations at SIGHUP: the one before stayed in force")
    }

    /// 50 files, each with a different mistake.
    private static func badConfigurations(_ good: String) -> [String] {
        func with(_ part: String, _ replacement: String) -> String {
            good.replacingOccurrences(of: part, with: replacement)
        }
        var files = [
            "", "\u{0}\u{1}\u{2}", "[", "= 1", good + "\n[nonsense]", good + "\nloose = 1\n[a", good + good,
            with("[[inbox]]", "[inbox]"), with("\"tiny\"", "\"none\""), with("\"tiny\"", "7"),
            with("outbox = \"outbox\"", ""), with("outbox = \"outbox\"", "outbox = \"inbox/out\""),
            with("path = \"inbox\"", ""), with("directory = \"state\"", "directory = \"inbox/state\""),
            with("directory = \"state\"", "directory = \"another\""), with("[state]", "[stat]"),
        ]
        let numbers = [
            "settle_seconds = -1", "quality = 0", "quality = 101", "compression = 10", "originals = \"burn\"",
            "format = \"bmp\"", "naming = \"{stem}\"", "naming = \"a{extension}\"", "recursive = 1", "ignore = [1]",
        ]
        // The configuration of these tests sets only `settle_seconds` for its inbox.
        files += numbers.map { with("settle_seconds = 0", $0) }
        let tables = [
            "processes = 0", "processes = 257", "threads = 0", "nice = 99", "timeout_seconds = 0", "threads = \"some\"",
        ]
        files += tables.map { "\(good)\n[workers]\n\($0)\n" }
        files += ["tile = 31", "tile = 4097", "overlap = -1", "overlap = \"some\""].map {
            "\(good)\n[upscale]\n\($0)\n"
        }
        files += ["level = \"loud\"", "level = 1"].map { "\(good)\n[log]\n\($0)\n" }
        files += ["rescan_seconds = 0", "control_socket_mode = 660"].map { "\(good)\n[service]\n\($0)\n" }
        // Cut in the middle of a word, as by an editor that was killed.
        var length = good.utf8.count * 3 / 4
        while files.count < 50 {
            let part = String(decoding: Array(good.utf8.prefix(length)), as: UTF8.self)
            if let last = part.last, last.isLetter, part.split(separator: "\n").last?.contains("=") == false {
                files.append(part)
            }
            length -= 1
            if length == 0 { return files + Array(repeating: "[", count: 50 - files.count) }
        }
        return files
    }

    private static func blocks(_ signal: Int32, _ pid: Int32) -> Bool {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("SigBlk:") }),
            let mask = UInt64(line.dropFirst(7).trimmingCharacters(in: .whitespaces), radix: 16)
        else { return false }
        return mask & (1 << UInt64(signal - 1)) != 0
    }
}
