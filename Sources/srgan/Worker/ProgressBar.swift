import Foundation
import LinuxSupport

/// A progress bar in one line of standard error. If standard error is not a terminal, nothing is drawn.
///
/// `@unchecked Sendable`: the upscaler calls it from one thread at a time.
final class ProgressBar: @unchecked Sendable {
    private let isDrawn: Bool
    private var tiles = 0
    private var pixels = 0
    private var began = ContinuousClock.now
    private var drawn = ContinuousClock.now

    init() {
        isDrawn = StandardError.isTerminal && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    }

    func start(tiles: Int, pixels: Int) {
        self.tiles = tiles
        self.pixels = pixels
        began = .now
        draw(done: 0)
    }

    /// Draws the bar at most ten times a second, because drawing on a remote terminal may take longer than computing a
    /// small tile.
    func update(done: Int) {
        guard done == tiles || ContinuousClock.now - drawn > .milliseconds(100) else { return }
        draw(done: done)
    }

    func clear() {
        if isDrawn { StandardError.write("\r\u{1B}[K") }
    }

    private func draw(done: Int) {
        guard isDrawn, tiles > 0 else { return }
        drawn = .now
        StandardError.write(
            "\r\u{1B}[K" + Self.line(done: done, of: tiles, pixels: pixels, elapsed: drawn - began))
    }

    /// The text of the bar.
    static func line(done: Int, of tiles: Int, pixels: Int, elapsed: Duration) -> String {
        let width = 24
        let filled = done * width / tiles
        var line = "[" + String(repeating: "#", count: filled) + String(repeating: " ", count: width - filled) + "]"
        line += " \(done)/\(tiles) tiles"
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
        guard done > 0, seconds > 0 else { return line }
        let fraction = Double(done) / Double(tiles)
        let left = Int((seconds / fraction - seconds).rounded(.up))
        line += String(format: ", %.3f Mpixel/s", Double(pixels) * fraction / seconds / 1e6)
        return line + String(format: ", %d:%02d left", left / 60, left % 60)
    }
}
