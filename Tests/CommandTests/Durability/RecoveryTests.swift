import FaultInjection
import Foundation
import JobQueue
import Testing

/// Promises 4 and 5: a start takes jobs back and refuses a second daemon, and a poison image costs only its own
/// attempts.
@Suite(.serialized) struct RecoveryTests {

    @Test(arguments: [nil, Fault.forgetRunning])
    func jobsOfADeadDaemonAreTakenBackAtTheStart(_ fault: Fault?) throws {
        let run = try FaultRun(worker: DaemonHarness.patientWorker, fault: fault)
        try run.daemon.change("[workers]", to: "[workers]\nprocesses = 8\nthreads = 1")
        try run.start()
        for (number, image) in try SmallImage.set(8).enumerated() { try run.drop(image, as: "\(number).png") }
        try run.daemon.wait("eight workers") { try run.daemon.status()?.running.count == 8 ? true : nil }
        try run.daemon.stop(SIGKILL)
        let tokens = Set(run.daemon.jobs().compactMap(\.token))
        #expect(tokens.count == 8)

        let launched = ContinuousClock.now
        try run.start()
        let seconds = (ContinuousClock.now - launched) / .seconds(1)
        let left = Set(run.daemon.jobs().compactMap(\.token)).intersection(tokens)
        try run.daemon.stop(SIGKILL)
        guard fault == nil else {
            // The broken daemon is detected.
            #expect(left.count == 8)
            return
        }
        #expect(left.isEmpty)
        Torture.report("4", String(format: "8 running jobs were taken back %.2f s after the start", seconds))
        try run.daemon.write(Data(), to: "go")
        #expect(try run.recover() == [])
    }

    @Test(arguments: [nil, Fault.skipLock])
    func aSecondDaemonIsRefused(_ fault: Fault?) throws {
        let run = try FaultRun(fault: fault)
        try run.start()
        let pid = try #require(run.daemon.process).processIdentifier
        let status = try run.daemon.exit(of: run.daemon.launch(["--drain"], environment: run.environment))
        let isTurnedAway = status == 75 && run.daemon.log.contains("is in use by process \(pid)")
        #expect(isTurnedAway == (fault == nil))
    }

    @Test(arguments: [nil, Fault.retryForever])
    func aPoisonImageUsesItsAttemptsAndTheOthersAreCompleted(_ fault: Fault?) throws {
        let others = fault == nil ? Torture.count(20, full: 100) : 0
        // The worker's standard input is the spooled copy; the script recognises the poison image by its bytes.
        let run = try FaultRun(
            worker: #"head -c 6 | grep -q POISON && kill -SEGV $$; exec "$SRGAN" "$@" < /proc/self/fd/0"#,
            maxAttempts: 3, fault: fault)
        try run.daemon.change("[workers]", to: "[workers]\nprocesses = 2\nthreads = 1")
        try run.start()
        try run.daemon.write(Data("POISON".utf8), to: "outside/poison.png")
        try run.daemon.move("outside/poison.png", to: "inbox/poison.png")
        for (number, image) in try SmallImage.set(others).enumerated() {
            try run.drop(image, as: "\(number).png")
        }
        let poison = try run.daemon.wait("the poison's end, or one attempt too many") {
            try run.daemon.job("poison.png").flatMap { job in
                (job.state.isFinal && !job.needsDisposal) || job.attempt > 3 ? job : nil
            }
        }
        if fault == nil {
            try run.settle()
            #expect(try run.daemon.stop() == 0)
            #expect(poison.state == .failed && poison.attempt == 3 && poison.reason == .workerCrashed)
            #expect(run.daemon.files(below: "failed") == ["poison.png", "poison.png.reason.txt"])
            #expect(run.daemon.files(below: "outbox").count == others)
            Torture.report("5", "a poison image failed after 3 attempts, the \(others) behind it were done")
        } else {
            #expect(poison.attempt > 3)
        }
    }
}
