import Foundation
import Imaging

/// Coordinates the decoder, the tile threads and the encoder: it decides which thread may work on which band.
///
/// A band is one row of tiles. Its pixels are stored in one of `BandBuffers.slots` slots, which the bands use in turn.
/// A step waits until the slot may be read or written:
/// - A band may be decoded when all tiles of the previous band in its slot are computed.
/// - A tile may be computed when its band is decoded and the previous band in its slot is encoded.
/// - A band may be encoded when all its tiles are computed.
///
/// Tiles are handed out from top to bottom, so the bands that other steps wait for are computed first and there is no
/// deadlock. The first failure wakes and stops all threads.
///
/// `@unchecked Sendable`: all variables are accessed only under `condition`.
final class BandPipeline: @unchecked Sendable {
    private let plan: TilePlan
    private let slots: Int
    private let condition = NSCondition()
    private var remainingTiles: [Int]
    private var decodedBands = 0
    private var encodedBands = 0
    private var nextTile = 0
    private var doneTiles = 0
    private var firstFailure: (any Error)?
    private var firstTileBegan: ContinuousClock.Instant?
    private var lastTileEnded: ContinuousClock.Instant?

    init(plan: TilePlan, slots: Int) {
        self.plan = plan
        self.slots = slots
        remainingTiles = Array(repeating: plan.columns, count: plan.bands)
    }

    /// The error that stopped the pipeline, if any.
    var failure: (any Error)? { locked { firstFailure } }

    /// The time from the start of the first tile to the end of the last one, in seconds.
    var upscaleSeconds: Double {
        locked {
            guard let firstTileBegan, let lastTileEnded else { return 0 }
            return (lastTileEnded - firstTileBegan).seconds
        }
    }

    /// Stops all threads; only the first error is kept.
    func fail(_ error: any Error) {
        locked {
            if firstFailure == nil { firstFailure = error }
            condition.broadcast()
        }
    }

    /// Decoder: waits until a band's input may be written; returns false if the pipeline has stopped.
    func waitForInputSlot(ofBand band: Int) -> Bool {
        locked {
            wait { band < slots || remainingTiles[band - slots] == 0 }
        }
    }

    /// Decoder: reports that a band's input is complete.
    func didDecode(band: Int) {
        locked {
            decodedBands = band + 1
            condition.broadcast()
        }
    }

    /// Tile thread: waits for the next tile; returns nil if there are no more tiles or the pipeline has stopped.
    func takeTile() -> Tile? {
        locked {
            guard firstFailure == nil, nextTile < plan.count else { return nil }
            let tile = plan[nextTile]
            nextTile += 1
            guard wait({ decodedBands > tile.band && tile.band < encodedBands + slots }) else { return nil }
            if firstTileBegan == nil { firstTileBegan = .now }
            return tile
        }
    }

    /// Tile thread: reports that a tile has been written to its band's output.
    ///
    /// - Returns: The number of tiles finished so far.
    func didFinish(_ tile: Tile) -> Int {
        locked {
            remainingTiles[tile.band] -= 1
            doneTiles += 1
            lastTileEnded = .now
            if remainingTiles[tile.band] == 0 { condition.broadcast() }
            return doneTiles
        }
    }

    /// Encoder: waits until a band's output is complete; returns false if the pipeline has stopped.
    func waitForOutput(ofBand band: Int) -> Bool {
        locked { wait { remainingTiles[band] == 0 } }
    }

    /// Encoder: reports that a band's output has been read and may be overwritten.
    func didEncode(band: Int) {
        locked {
            encodedBands = band + 1
            condition.broadcast()
        }
    }

    private func locked<R>(_ body: () -> R) -> R {
        condition.lock()
        defer { condition.unlock() }
        return body()
    }

    private func wait(_ isReady: () -> Bool) -> Bool {
        while firstFailure == nil && !isReady() { condition.wait() }
        return firstFailure == nil
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
