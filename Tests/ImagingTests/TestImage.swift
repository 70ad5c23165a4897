import CVips
import Foundation
import Testing

@testable import Imaging

/// An image in memory with libvips' own savers and operations, to compare Imaging's results with.
struct TestImage {
    var image: OwnedImage

    /// A smooth image with different gradients in each channel, so that a rotation or a swap of channels is detected.
    init(width: Int, height: Int, bands: Int, sixteenBit: Bool = false, space: VipsInterpretation) throws {
        var samples: [UInt16] = []
        for y in 0..<height {
            for x in 0..<width {
                for band in 0..<bands {
                    let value = (x * (7 + 3 * band) + y * (13 - 2 * band) + 40 * band) % 256
                    samples.append(UInt16(sixteenBit ? value * 257 - (value > 0 ? 100 : 0) : value))
                }
            }
        }
        try self.init(samples, width: width, height: height, bands: bands, sixteenBit: sixteenBit, space: space)
    }

    init(
        _ samples: [UInt16], width: Int, height: Int, bands: Int, sixteenBit: Bool = false, space: VipsInterpretation
    ) throws {
        try VipsRuntime.start()
        let eight = samples.map { UInt8(truncatingIfNeeded: $0) }
        func make(_ raw: UnsafeRawBufferPointer, _ format: VipsBandFormat) -> OwnedImage.Pointer? {
            vips_image_new_from_memory_copy(
                raw.baseAddress, raw.count, Int32(width), Int32(height), Int32(bands), format)
        }
        let made =
            sixteenBit
            ? samples.withUnsafeBytes { make($0, VIPS_FORMAT_USHORT) }
            : eight.withUnsafeBytes { make($0, VIPS_FORMAT_UCHAR) }
        let plain = try #require(OwnedImage.make(made))
        image = try plain.applying("Tagging") { srgan_vips_retag($0, space) }
    }

    init(_ image: OwnedImage) { self.image = image }

    /// Runs a libvips operation by name, with options as on the command line of `vips`.
    func applying(_ operation: String, _ texts: [String: String] = [:]) throws -> TestImage {
        let built = try run(operation, texts, file: nil)
        defer { g_object_unref(built) }
        var value = GValue()
        g_value_init(&value, vips_image_get_type())
        g_object_get_property(asObject(built), "out", &value)
        let pointer = try #require(g_value_get_object(&value))
        g_object_ref(pointer)
        g_value_unset(&value)
        vips_object_unref_outputs(UnsafeMutableRawPointer(built).assumingMemoryBound(to: VipsObject.self))
        return TestImage(OwnedImage(owning: pointer.assumingMemoryBound(to: CVips.VipsImage.self)))
    }

    /// Saves with one of libvips' savers.
    func save(_ operation: String, to path: String, _ texts: [String: String] = [:]) throws {
        let built = try run(operation, texts, file: path)
        vips_object_unref_outputs(UnsafeMutableRawPointer(built).assumingMemoryBound(to: VipsObject.self))
        g_object_unref(built)
    }

    private func run(_ name: String, _ texts: [String: String], file: String?) throws -> UnsafeMutablePointer<
        VipsOperation
    > {
        let operation = try #require(vips_operation_new(name))
        let object = asObject(operation)
        var value = GValue()
        g_value_init(&value, vips_image_get_type())
        g_value_set_object(&value, image.pointer)
        g_object_set_property(object, "in", &value)
        g_value_unset(&value)
        if let file {
            var name = GValue()
            g_value_init(&name, GType(16 << 2))
            g_value_set_string(&name, file)
            g_object_set_property(object, "filename", &name)
            g_value_unset(&name)
        }
        for (key, text) in texts {
            let status = vips_object_set_argument_from_string(
                UnsafeMutableRawPointer(operation).assumingMemoryBound(to: VipsObject.self), key, text)
            try #require(status == 0)
        }
        let built = vips_cache_operation_build(operation)
        g_object_unref(operation)
        return try #require(built, "\(VipsRuntime.takeErrorText())")
    }

    private func asObject(_ operation: UnsafeMutablePointer<VipsOperation>) -> UnsafeMutablePointer<GObject> {
        UnsafeMutableRawPointer(operation).assumingMemoryBound(to: GObject.self)
    }

    /// All samples, row by row.
    func memory() throws -> [UInt8] {
        var size = 0
        let memory = try #require(vips_image_write_to_memory(image.pointer, &size), "\(VipsRuntime.takeErrorText())")
        defer { g_free(memory) }
        return Array(UnsafeRawBufferPointer(start: memory, count: size))
    }
}

/// All rows of a reader.
func allRows(_ reader: ImageReader) throws -> [UInt8] {
    let rows = try reader.start()
    var result = [UInt8](repeating: 0, count: reader.width * reader.height * reader.layout.bytesPerPixel)
    try result.withUnsafeMutableBytes { try rows.read(rows: 0..<reader.height, into: $0.baseAddress!) }
    return result
}

/// Opens a file for a reader and closes it afterwards.
func withReader<R>(
    _ path: String, _ options: DecodeOptions = DecodeOptions(), _ body: (ImageReader) throws -> R
) throws -> R {
    let handle = try #require(FileHandle(forReadingAtPath: path))
    defer { try? handle.close() }
    return try body(ImageReader(fileDescriptor: handle.fileDescriptor, options: options))
}
