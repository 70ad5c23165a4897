import Testing

@testable import Training

struct ContestWatchTests {
    @Test func endsAfterManyStepsWithoutAMistake() throws {
        var watch = ContestWatch()
        for _ in 1..<ContestWatch.patience { try watch.take(real: 1e-9, fake: 1e-8) }
        let error = #expect(throws: TrainingError.self) { try watch.take(real: 1e-9, fake: 1e-8) }
        #expect(error?.code == .diverged && error?.message.contains("made no mistake") == true)
    }

    /// One mistake, on either side, and the contest is open again.
    @Test(arguments: [(0.1, 0.0), (0.0, 0.1)])
    func aMistakeStartsAnew(real: Double, fake: Double) throws {
        var watch = ContestWatch()
        for _ in 1..<ContestWatch.patience { try watch.take(real: 0, fake: 0) }
        try watch.take(real: real, fake: fake)
        for _ in 1..<ContestWatch.patience { try watch.take(real: 0, fake: 0) }
        #expect(throws: TrainingError.self) { try watch.take(real: 0, fake: 0) }
    }
}
