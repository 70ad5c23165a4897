import LinuxSupport

/// A worker's `progress` event, written after each tile.
public struct WorkerProgress: Equatable, Sendable {
    /// The number of tiles that have been upscaled.
    public var tilesDone: Int
    /// The number of tiles of the image.
    public var tilesTotal: Int

    /// Creates the event.
    public init(tilesDone: Int, tilesTotal: Int) {
        self.tilesDone = tilesDone
        self.tilesTotal = tilesTotal
    }
}

extension WorkerProgress: OrderedFields {
    enum CodingKeys: String, CodingKey {
        case tilesDone = "tiles_done"
        case tilesTotal = "tiles_total"
    }

    /// Reads the event; never throws for a missing or wrong field.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(tilesDone: values.count(.tilesDone), tilesTotal: values.count(.tilesTotal))
    }

    var fields: KeyValuePairs<CodingKeys, JSONValue> {
        [.tilesDone: .integer(tilesDone), .tilesTotal: .integer(tilesTotal)]
    }
}
