import Testing

@testable import Training

struct SaturationDetectorTests {
    @Test func endsAfterManyStepsWithoutAMistake() throws {
        var detector = SaturationDetector()
        for _ in 1..<SaturationDetector.patience { try detector.add(real: 1e-9, fake: 1e-8) }
        let error = #expect(throws: TrainingError.self) { try detector.add(real: 1e-9, fake: 1e-8) }
        #expect(error?.code == .diverged && error?.message.contains("made no mistake") == true)
    }

    /// One mistake, on a real or a generated image, resets the count.
    @Test(arguments: [(0.1, 0.0), (0.0, 0.1)])
    func aMistakeResetsTheCount(real: Double, fake: Double) throws {
        var detector = SaturationDetector()
        for _ in 1..<SaturationDetector.patience { try detector.add(real: 0, fake: 0) }
        try detector.add(real: real, fake: fake)
        for _ in 1..<SaturationDetector.patience { try detector.add(real: 0, fake: 0) }
        #expect(throws: TrainingError.self) { try detector.add(real: 0, fake: 0) }
    }
}
