import CVips

/// Owns one reference to a libvips image.
///
/// `@unchecked Sendable`: libvips images have atomic reference counts and do not change after their construction. Only the
/// function that creates an image sets its metadata, before it returns the image.
final class VipsImage: @unchecked Sendable {
    typealias Pointer = UnsafeMutablePointer<CVips.VipsImage>

    let pointer: Pointer

    /// Takes over the reference that a libvips call returned.
    init(owning pointer: Pointer) {
        self.pointer = pointer
    }

    deinit {
        g_object_unref(pointer)
    }

    /// Wraps the result of a libvips call; nil if the call failed, with the message left in libvips' error buffer.
    static func make(_ pointer: Pointer?) -> VipsImage? {
        pointer.map(VipsImage.init(owning:))
    }

    var width: Int { Int(vips_image_get_width(pointer)) }
    var height: Int { Int(vips_image_get_height(pointer)) }
    var bands: Int { Int(vips_image_get_bands(pointer)) }
    var format: VipsBandFormat { vips_image_get_format(pointer) }
    var interpretation: VipsInterpretation { vips_image_guess_interpretation(pointer) }
    var hasAlpha: Bool { vips_image_hasalpha(pointer) != 0 }

    /// Applies an operation and returns its result as a new image.
    ///
    /// - Parameter action: the operation as the start of an error message, which continues with "failed".
    func applying(
        _ action: String, _ operation: (Pointer) -> Pointer?
    ) throws(ImagingError) -> VipsImage {
        guard let result = operation(pointer) else {
            let text = VipsRuntime.takeErrorText()
            throw ImagingError(
                ImagingError.passingCause(inText: text) ?? .corrupt, "\(action) failed.", details: text)
        }
        return VipsImage(owning: result)
    }

    // Metadata.

    func has(_ name: String) -> Bool { vips_image_get_typeof(pointer, name) != 0 }

    func integer(_ name: String) -> Int? {
        var value: Int32 = 0
        guard has(name), vips_image_get_int(pointer, name, &value) == 0 else { return nil }
        return Int(value)
    }

    func string(_ name: String) -> String? {
        var value: UnsafePointer<CChar>?
        guard has(name), vips_image_get_typeof(pointer, name) == vips_ref_string_get_type(),
            vips_image_get_string(pointer, name, &value) == 0, let value
        else { return nil }
        return String(cString: value)
    }

    func blob(_ name: String) -> [UInt8]? {
        var data: UnsafeRawPointer?
        var size = 0
        guard has(name), vips_image_get_blob(pointer, name, &data, &size) == 0, let data else { return nil }
        return Array(UnsafeRawBufferPointer(start: data, count: size))
    }

    var fieldNames: [String] {
        guard let fields = vips_image_get_fields(pointer) else { return [] }
        defer { g_strfreev(fields) }
        var names: [String] = []
        var index = 0
        while let field = fields[index] {
            names.append(String(cString: field))
            index += 1
        }
        return names
    }

    /// Sets a metadata field of an image that no other code uses yet.
    func set(_ name: String, _ value: Int) { vips_image_set_int(pointer, name, Int32(clamping: value)) }
    func set(_ name: String, _ value: String) { vips_image_set_string(pointer, name, value) }
    func set(_ name: String, _ value: [UInt8]) {
        value.withUnsafeBytes { vips_image_set_blob_copy(pointer, name, $0.baseAddress, $0.count) }
    }
    func remove(_ name: String) { vips_image_remove(pointer, name) }
}
