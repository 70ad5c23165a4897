import CVips

extension ImageMetadata {
    /// Reads the metadata that libvips found in a file.
    init(of image: VipsImage) {
        self.init()
        // libvips reports 1 pixel per millimetre if the file does not state a resolution.
        let (x, y) = (vips_image_get_xres(image.pointer), vips_image_get_yres(image.pointer))
        if image.has("resolution-unit") || x != 1 || y != 1 { (horizontalResolution, verticalResolution) = (x, y) }
        profile = image.blob("icc-profile-data")
        exif = image.blob("exif-data")
        xmp = image.blob("xmp-data")
        iptc = image.blob("iptc-data")
        for name in image.fieldNames {
            guard name.hasPrefix("exif-ifd") || name.hasPrefix("png-comment-") || name == "image-description",
                let value = image.string(name)
            else { continue }
            let field = ExifField(name: name, value: value)
            if name.hasPrefix("exif-ifd") { exifFields.append(field) } else { comments.append(field) }
        }
    }

    /// Writes all metadata to an image that is about to be encoded.
    func write(to image: VipsImage) {
        if let profile { image.set("icc-profile-data", profile) }
        if let exif {
            image.set("exif-data", exif)
            for field in exifFields { image.set(field.name, field.value) }
        }
        if let xmp, !xmp.isEmpty { image.set("xmp-data", xmp) }
        if let iptc { image.set("iptc-data", iptc) }
        for comment in comments { image.set(comment.name, comment.value) }
        image.set("orientation", 1)
        if horizontalResolution != nil { image.set("resolution-unit", "in") }
    }
}
