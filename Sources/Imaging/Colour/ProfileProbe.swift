import CVips

/// Tests what a colour profile does, not what it is called.
///
/// Most images have an sRGB profile, which exists under many names and in a dozen slightly different versions.
/// Transforming those images would only add rounding noise. So the probe first transforms a small grid of colours; if
/// none of them changes by more than rounding, the image is left as it is.
enum ProfileProbe {
    /// Whether the profile changes no value of an 8-bit image by more than 1.
    static func isNearlySRGB(_ profile: [UInt8], layout: PixelLayout) throws(ImagingError) -> Bool {
        let values: [UInt8] = layout.colours == 1 ? Array(0...255) : colourGrid
        let width = values.count / layout.colours
        let probe = values.withUnsafeBytes {
            vips_image_new_from_memory_copy(
                $0.baseAddress, $0.count, Int32(width), 1, Int32(layout.colours), VIPS_FORMAT_UCHAR)
        }
        guard let image = VipsImage.make(probe) else {
            throw ImagingError(
                .outOfMemory, "The colour profile could not be tested.", details: VipsRuntime.takeErrorText())
        }
        let space = layout.colours == 1 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB
        let tagged = try image.applying("Tagging a probe") { srgan_vips_retag($0, space) }
        tagged.set(ColourConversion.profileField, profile)
        let eightBit = PixelLayout(colours: layout.colours, hasAlpha: false, bits: 8)
        let moved = try ColourConversion.transform(tagged, layout: eightBit)
        var size = 0
        guard let memory = vips_image_write_to_memory(moved.pointer, &size) else {
            throw ImagingError(.corrupt, "The colour profile cannot be applied.", details: VipsRuntime.takeErrorText())
        }
        defer { g_free(memory) }
        let result = UnsafeRawBufferPointer(start: memory, count: size)
        return size == values.count && zip(values, result).allSatisfy { abs(Int($0) - Int($1)) <= 1 }
    }

    /// 9 steps each of red, green and blue.
    private static let colourGrid: [UInt8] = {
        let steps = (0...8).map { UInt8(min(255, $0 * 32)) }
        return steps.flatMap { red in steps.flatMap { green in steps.flatMap { [red, green, $0] } } }
    }()
}
