import Foundation
import Imaging

/// Who may work on which band: decoder, tile threads and encoder meet here.
///
/// Bands go round in `BandBuffers.slots` slots. A band's input may be filled when the band before it in the slot has all
/// its tiles; a tile may be computed when its band is decoded and the band before it in the slot is encoded; a band may be
/// encoded when all its tiles are done. Tiles are handed out in order, so no two can wait for each other. The first
/// failure wakes and ends everyone.
///
/// `@unchecked Sendable`: all variables are touched under `condition` only.
final class BandPipeline: @unchecked Sendable {
    private let plan: TilePlan
    private let condition = NSCondition()
    private var remainingTiles: [Int]
    private var decodedBands = 0
    private var encodedBands = 0
    private var nextTile = 0
    private var doneTiles = 0
    private var firstFailure: (any Error)?
    private var firstTileBegan: ContinuousClock.Instant?
    private var lastTileEnded: ContinuousClock.Instant?

    init(plan: TilePlan) {
        self.plan = plan
        remainingTiles = Array(repeating: plan.columns, count: plan.bands)
    }

    /// The error that ended the work, if one did.
    var failure: (any Error)? { locked { firstFailure } }

    /// Seconds from the first tile's begin to the last one's end.
    var upscaleSeconds: Double {
        locked {
            guard let firstTileBegan, let lastTileEnded else { return 0 }
            return (lastTileEnded - firstTileBegan).seconds
        }
    }

    /// Ends the work for everyone; only the first reason is kept.
    func fail(_ error: any Error) {
        locked {
            if firstFailure == nil { firstFailure = error }
            condition.broadcast()
        }
    }

    /// Decoder: waits until a band's input may be written; false when the work has ended.
    func waitForInputSlot(ofBand band: Int) -> Bool {
        locked {
            wait { band < BandBuffers.slots || remainingTiles[band - BandBuffers.slots] == 0 }
        }
    }

    /// Decoder: a band's input is complete.
    func didDecode(band: Int) {
        locked {
            decodedBands = band + 1
            condition.broadcast()
        }
    }

    /// Tile thread: the next tile, as soon as it may be computed; nil when there is no more work.
    func takeTile() -> Tile? {
        locked {
            guard firstFailure == nil, nextTile < plan.count else { return nil }
            let tile = plan[nextTile]
            nextTile += 1
            guard wait({ decodedBands > tile.band && tile.band < encodedBands + BandBuffers.slots }) else { return nil }
            if firstTileBegan == nil { firstTileBegan = .now }
            return tile
        }
    }

    /// Tile thread: a tile is in its band's output.
    ///
    /// - Returns: how many tiles are done now.
    func didFinish(_ tile: Tile) -> Int {
        locked {
            remainingTiles[tile.band] -= 1
            doneTiles += 1
            lastTileEnded = .now
            if remainingTiles[tile.band] == 0 { condition.broadcast() }
            return doneTiles
        }
    }

    /// Encoder: waits until a band's output is complete; false when the work has ended.
    func waitForOutput(ofBand band: Int) -> Bool {
        locked { wait { remainingTiles[band] == 0 } }
    }

    /// Encoder: a band's output has been taken and may be overwritten.
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
