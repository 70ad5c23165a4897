import Foundation

/// Files for daemon tests: 12 x 8 pixels of noise, made by `vips gaussnoise` and saved as PNG and JPEG (quality 50).
enum DaemonSamples {
    static let png = data(
        """
        iVBORw0KGgoAAAANSUhEUgAAAAwAAAAICAIAAABChommAAAACXBIWXMAAAPoAAAD6AG1e1JrAAABGElEQVQYlQ2PvQqCcBTF/8/h
        GzQ6uOkkNIgghEEYGCJGi5AFoSFa5gdaFDq4qSHRrmEg7UFuvkDQm3S3+3Hu75yLzuczSZKz2exwODyfz9vtFkWRYRhlWZ5OJ9u2
        5/M5CsMwTdPL5SKKIug0TauqKs/zyWTyfr8JglAUBQmCwDBMURRQmKa53W4lSfp+v13XwQ3LsrBCi8VivV47jrPZbDiOAxdoeZ4H
        Bqzu93vbtuj3+y2Xy77vYeR5XhzHkBKMKIoKggBqoKLpdAoYWZYHgwGO42CXZRmQHo9H0zS6rmMYhnzfhy8gBwQfjUaWZX0+n+Fw
        CD9er1fXdVVVRQAE+fF4HI/Hq9WqruskSWiaBtFut9vv96/X6w8z549Wh9umlwAAAABJRU5ErkJggg==
        """)

    static let jpeg = data(
        """
        /9j/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/2wBD
        ARESEhgVGC8aGi9jQjhCY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2P/wAARCAAIAAwD
        ASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEG
        E1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4
        eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6
        /8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEI
        FEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaH
        iImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIR
        AxEAPwBsb+XM6jfsVDI5KAA4J6gHrj9e/epQkXJntbm4kOMtbgFBwOBlgaKKAP/Z
        """)

    /// The PNG with its own text chunk: each number gives different content with the same image.
    static func png(variant: Int) -> Data {
        let payload = Data("tEXtvariant\u{0}\(variant)".utf8)
        let end = png.count - 12
        return png[..<end] + bigEndian(UInt32(payload.count - 4)) + payload + bigEndian(crc(payload)) + png[end...]
    }

    /// A generator with one residual block and eight channels; every weight is a fixed pseudo-random number. Its layout
    /// has no batch normalisation.
    static func tinyModel() -> Data {
        let width = 8
        var shapes: [(name: String, shape: [Int])] = []
        func convolution(_ name: String, _ outputs: Int, _ inputs: Int, kernel: Int) {
            shapes.append(("\(name).weight", [outputs, inputs, kernel, kernel]))
            shapes.append(("\(name).bias", [outputs]))
        }
        convolution("conv1.0", width, 3, kernel: 9)
        shapes.append(("conv1.1.weight", [1]))
        convolution("res_block.0.res_block.0", width, width, kernel: 3)
        shapes.append(("res_block.0.res_block.1.weight", [1]))
        convolution("res_block.0.res_block.2", width, width, kernel: 3)
        convolution("conv2.0", width, width, kernel: 3)
        for stage in 0..<2 {
            convolution("upsampling.\(3 * stage)", 4 * width, width, kernel: 3)
            shapes.append(("upsampling.\(3 * stage + 2).weight", [1]))
        }
        convolution("conv3", 3, width, kernel: 9)
        return safetensors(shapes)
    }

    /// SRVGGNetCompact with eight channels and one inner convolution; each seed gives other weights.
    static func compactModel(scale: Int, seed: UInt64 = 1) -> Data {
        let width = 8
        var shapes: [(name: String, shape: [Int])] = []
        for (index, channels) in [(width, 3), (width, width), (3 * scale * scale, width)].enumerated() {
            shapes.append(("body.\(2 * index).weight", [channels.0, channels.1, 3, 3]))
            shapes.append(("body.\(2 * index).bias", [channels.0]))
            if index < 2 { shapes.append(("body.\(2 * index + 1).weight", [width])) }
        }
        return safetensors(shapes, seed: seed)
    }

    /// RRDBNet with one block of eight channels and four channels of growth; each step doubles the size.
    static func rrdbModel(steps: Int) -> Data {
        let (width, growth) = (8, 4)
        var shapes: [(name: String, shape: [Int])] = []
        func convolution(_ name: String, _ outputs: Int, _ inputs: Int) {
            shapes.append(("\(name).weight", [outputs, inputs, 3, 3]))
            shapes.append(("\(name).bias", [outputs]))
        }
        convolution("conv_first", width, 3)
        for dense in 1...3 {
            for index in 1...5 {
                convolution(
                    "body.0.rdb\(dense).conv\(index)", index == 5 ? width : growth, width + (index - 1) * growth)
            }
        }
        convolution("conv_body", width, width)
        for step in 1...steps { convolution("conv_up\(step)", width, width) }
        convolution("conv_hr", width, width)
        convolution("conv_last", 3, width)
        return safetensors(shapes)
    }

    /// A valid safetensors file that is not a generator.
    static func otherModel() -> Data { safetensors([("embedding.weight", [4, 4])]) }

    private static func safetensors(_ tensors: [(name: String, shape: [Int])], seed: UInt64 = 1) -> Data {
        var state = seed
        var entries: [String] = []
        var body = Data()
        for (name, shape) in tensors {
            let begin = body.count
            for _ in 0..<shape.reduce(1, *) {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let value = (Float(state >> 40) / Float(1 << 24) - 0.5) / 5
                withUnsafeBytes(of: value.bitPattern.littleEndian) { body.append(contentsOf: $0) }
            }
            let list = shape.map(String.init).joined(separator: ",")
            entries.append(
                "\"\(name)\":{\"dtype\":\"F32\",\"shape\":[\(list)],\"data_offsets\":[\(begin),\(body.count)]}")
        }
        var header = Data("{\(entries.joined(separator: ","))}".utf8)
        while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
        var file = Data()
        withUnsafeBytes(of: UInt64(header.count).littleEndian) { file.append(contentsOf: $0) }
        return file + header + body
    }

    private static func data(_ base64: String) -> Data {
        Data(base64Encoded: base64, options: .ignoreUnknownCharacters)!
    }

    private static func bigEndian(_ number: UInt32) -> Data {
        withUnsafeBytes(of: number.bigEndian) { Data($0) }
    }

    /// The CRC-32 of a PNG chunk.
    private static func crc(_ data: Data) -> UInt32 {
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in data {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        return ~crc
    }
}
