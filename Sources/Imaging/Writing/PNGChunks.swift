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

    /// The orientation, 1 to 8, from the eXIf chunk, which libvips 8.14 does not read; nil if the file has none.
    var orientation: Int? {
        var found: Int?
        _ = walk { chunk in
            guard chunk.name == "eXIf" else { return chunk.name != "IEND" }
            found = ExifBlock(file.read(at: chunk.offset, count: min(chunk.length, 65_536)))?.orientation
            return false
        }
        return found
    }

    private struct Chunk {
        var name: String
        var offset: Int
        var length: Int
    }

    /// Calls `visit` for each complete chunk until it returns false.
    ///
    /// - Returns: false if the file ended inside a chunk; true if `visit` ended the walk or a type was not four letters.
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
