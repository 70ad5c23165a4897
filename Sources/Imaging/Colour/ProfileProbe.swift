import CVips

/// Tests a colour profile by its effect on colours, and not by its name.
///
/// Most images have an sRGB profile, which exists under many names and in a dozen slightly different versions.
/// Transforming those images would only add rounding noise. So the probe first transforms a small grid of colours; if
/// none of them changes by more than rounding, the image is left as it is.
enum ProfileProbe {
    /// Whether the profile changes no value of an 8-bit image by more than 1.
    static func isNearlySRGB(_ profile: [UInt8], layout: PixelLayout) throws(ImagingError) -> Bool {
        zip(values(layout), try transformed(by: profile, layout: layout, fallback: nil)).allSatisfy {
            abs(Int($0) - Int($1)) <= 1
        }
    }

    /// Whether libvips can apply the profile. libvips silently replaces a damaged profile by another one. So a colour
    /// profile is applied twice, with a different replacement each time: the results are equal only if libvips used the
    /// profile itself.
    static func isUsable(_ profile: [UInt8], layout: PixelLayout) -> Bool {
        guard let result = try? transformed(by: profile, layout: layout, fallback: "srgb") else { return false }
        return layout.colours == 1
            || result == (try? transformed(by: profile, layout: layout, fallback: "p3"))
    }

    private static func values(_ layout: PixelLayout) -> [UInt8] {
        layout.colours == 1 ? Array(0...255) : colourGrid
    }

    /// The samples of the test image after the profile has been applied.
    private static func transformed(
        by profile: [UInt8], layout: PixelLayout, fallback: String?
    ) throws(ImagingError) -> [UInt8] {
        let values = values(layout)
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
        let moved = try ColourConversion.transform(tagged, layout: eightBit, fallback: fallback)
        var size = 0
        guard let memory = vips_image_write_to_memory(moved.pointer, &size) else {
            throw ImagingError(.corrupt, "The colour profile cannot be applied.", details: VipsRuntime.takeErrorText())
        }
        defer { g_free(memory) }
        guard size == values.count else { throw ImagingError(.corrupt, "The colour profile cannot be applied.") }
        return Array(UnsafeRawBufferPointer(start: memory, count: size))
    }

    /// All combinations of 9 levels each of red, green and blue.
    private static let colourGrid: [UInt8] = {
        let steps = (0...8).map { UInt8(min(255, $0 * 32)) }
        return steps.flatMap { red in steps.flatMap { green in steps.flatMap { [red, green, $0] } } }
    }()
}
