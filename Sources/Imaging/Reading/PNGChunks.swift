/// Reads the chunks of a PNG file. A chunk consists of a length, a type of four letters, data and a checksum.
struct PNGChunks {
    let file: FileBytes

    /// Whether the file ends inside a chunk or before its last chunk.
    var endsTooEarly: Bool {
        var finished = false
        let complete = walk { chunk in
            finished = chunk.name == "IEND"
            return !finished
        }
        return !finished && !complete
    }

    /// Whether the file has its last chunk.
    var isFinished: Bool {
        var finished = false
        _ = walk { chunk in
            finished = chunk.name == "IEND"
            return !finished
        }
        return finished
    }

    /// Calls `visit` for each complete chunk.
    func forEach(_ visit: (Chunk) -> Void) {
        _ = walk { chunk in
            visit(chunk)
            return chunk.name != "IEND"
        }
    }

    /// The number of frames of an animation (acTL); 1 if there is none.
    var frameCount: Int {
        var count = 1
        _ = walk { chunk in
            if chunk.name == "acTL" { count = max(1, file.bigEndian32(at: chunk.offset) ?? 1) }
            return chunk.name != "IDAT" && chunk.name != "IEND"
        }
        return count
    }

    /// A colour profile made from the chunks gAMA (exponent) and cHRM (primaries). Nil if the file has neither, if
    /// their values are nearly those of sRGB, or if an sRGB or iCCP chunk overrides them.
    func colourProfile(isGrey: Bool) -> [UInt8]? {
        var gamma: Double?
        var points: [MatrixProfile.Point] = []
        var isOverridden = false
        _ = walk { chunk in
            func number(_ index: Int) -> Double? {
                file.bigEndian32(at: chunk.offset + 4 * index).map { Double($0) / 100_000 }
            }
            switch chunk.name {
            case "gAMA": gamma = number(0)
            case "cHRM" where chunk.length == 32:
                points = (0..<4).compactMap { index in
                    guard let x = number(2 * index), let y = number(2 * index + 1), y > 0 else { return nil }
                    return MatrixProfile.Point(x: x, y: y)
                }
            case "sRGB", "iCCP": isOverridden = true
            default: break
            }
            return chunk.name != "IDAT" && chunk.name != "IEND"
        }
        guard !isOverridden, gamma != 0, gamma != nil || points.count == 4 else { return nil }
        var profile = MatrixProfile.sRGBPrimaries(exponent: 1 / (gamma ?? 0.45455))
        let standard = [profile.white, profile.red, profile.green, profile.blue]
        let isStandard =
            isGrey || points.count < 4
            || zip(points, standard).allSatisfy { abs($0.x - $1.x) < 0.002 && abs($0.y - $1.y) < 0.002 }
        // 0.45455 counts as sRGB: programs write it for sRGB, although sRGB's curve differs a little from that power
        // function.
        if isStandard && abs((gamma ?? 0.45455) - 0.45455) < 0.01 { return nil }
        if !isStandard {
            (profile.white, profile.red, profile.green, profile.blue) = (points[0], points[1], points[2], points[3])
        }
        profile.isGrey = isGrey
        return profile.bytes
    }

    /// A chunk: its type, and the place of its data in the file.
    struct Chunk {
        var name: String
        var offset: Int
        var length: Int
    }

    /// Calls `visit` for each complete chunk until `visit` returns false.
    ///
    /// - Returns: false if the file ended inside a chunk; true if `visit` ended the walk or a type was not four
    ///   letters.
    private func walk(_ visit: (Chunk) -> Bool) -> Bool {
        var offset = 8
        while true {
            guard let length = file.bigEndian32(at: offset) else { return false }
            let letters = file.read(at: offset + 4, count: 4)
            guard letters.count == 4 else { return false }
            guard letters.allSatisfy({ (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }) else { return true }
            guard offset + 12 + length <= file.size else { return false }
            let chunk = Chunk(name: String(decoding: letters, as: UTF8.self), offset: offset + 8, length: length)
            if !visit(chunk) { return true }
            offset += 12 + length
        }
    }
}
