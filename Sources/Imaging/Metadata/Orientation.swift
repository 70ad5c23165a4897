import CVips

/// The eight orientations that EXIF defines.
enum Orientation {
    /// Rotates and mirrors an image so that it is upright.
    ///
    /// Orientation 2 (mirrored) works row by row; the others need the whole image in memory.
    static func apply(_ orientation: Int, to image: VipsImage) throws(ImagingError) -> VipsImage {
        let action = "Rotating the image upright"
        func rotated(_ angle: VipsAngle) throws(ImagingError) -> VipsImage {
            try image.applying(action) { srgan_vips_rotate($0, angle) }
        }
        func mirrored(_ image: VipsImage) throws(ImagingError) -> VipsImage {
            try image.applying(action) { srgan_vips_flip($0, VIPS_DIRECTION_HORIZONTAL) }
        }
        switch orientation {
        case 2: return try mirrored(image)
        case 3: return try rotated(VIPS_ANGLE_D180)
        case 4: return try image.applying(action) { srgan_vips_flip($0, VIPS_DIRECTION_VERTICAL) }
        case 5: return try mirrored(rotated(VIPS_ANGLE_D90))
        case 6: return try rotated(VIPS_ANGLE_D90)
        case 7: return try mirrored(rotated(VIPS_ANGLE_D270))
        case 8: return try rotated(VIPS_ANGLE_D270)
        default: return image
        }
    }
}
