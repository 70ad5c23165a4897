import Foundation
import Fuzzing
import JobQueue
import Testing

/// Promise 2: a daemon with four workers is killed at random moments; no job is lost and none is done twice.
@Suite(.serialized) struct RandomKillTests {
    private static let workers = "[workers]\nprocesses = 4\nthreads = 1"

    @Test func nothingIsLostOrDuplicated() throws {
        let kills = Torture.count(20, full: 1000)
        let images = try SmallImage.set(2 * min(kills, 50))
        var random = SplitMix64(seed: 2)
        var jobs = 0
        var hits = 0
        // A new folder now and then keeps the check after each kill fast.
        for first in stride(from: 0, to: kills, by: 50) {
            let run = try FaultRun(sections: Self.workers)
            for round in 0..<min(50, kills - first) {
                func drop() throws {
                    for number in [2 * round, 2 * round + 1] { try run.drop(images[number], as: "\(number).png") }
                }
                // Every fifth kill happens during the start, the others during work.
                let isAtStart = round.isMultiple(of: 5)
                if isAtStart { try drop() }
                let process = try run.daemon.launch([], environment: run.environment)
                if !isAtStart {
                    try run.daemon.wait("the daemon to answer") {
                        process.isRunning ? try? run.daemon.status() : nil
                    }
                    try drop()
                }
                usleep(UInt32.random(in: 0...500_000, using: &random))
                kill(process.processIdentifier, SIGKILL)
                #expect(try run.daemon.exit(of: process) == 128 + SIGKILL)
                hits += run.daemon.jobs().count { $0.state == .running || $0.state == .publishing }
                #expect(try run.invariants.violationsAfterFault() == [])
                if round % 10 == 9 { #expect(try run.recover() == []) }
            }
            #expect(try run.recover() == [])
            jobs += run.daemon.jobs().count
        }
        #expect(jobs == 2 * kills)
        Torture.report(
            "2", "\(kills) kills, \(jobs) jobs, \(hits) times in work when killed: 0 lost, 0 duplicated")
    }

    @Test func aBrokenDaemonIsDetected() throws {
        let run = try FaultRun(worker: #"[ -e go ] || sleep 1000; exec "$SRGAN" "$@""#, fault: .keepTemporaries)
        try run.drop(SmallImage.set(1)[0], as: "a.png")
        try run.start()
        try run.daemon.wait("the temporary output") { run.daemon.files(below: "outbox").isEmpty ? nil : true }
        try run.daemon.stop(SIGKILL)
        try run.daemon.write(Data(), to: "go")
        #expect(try run.recover().contains { $0.hasPrefix("I5") })
    }
}
