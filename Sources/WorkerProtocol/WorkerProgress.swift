import LinuxSupport

/// A worker's `progress` event.
public struct WorkerProgress: Equatable, Sendable {
    /// How many tiles are upscaled.
    public var tilesDone: Int
    /// How many tiles the image has.
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
