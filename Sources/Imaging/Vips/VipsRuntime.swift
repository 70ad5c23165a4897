import CVips
import Glibc

/// libvips, started once in a process.
enum VipsRuntime {
    /// Starts libvips at the first call; later calls only report how that went.
    static func start() throws(ImagingError) {
        if let failure { throw failure }
    }

    /// libvips' own advice is to start it once, before any other thread calls it; a lazy static is exactly that.
    private static let failure: ImagingError? = {
        // ORC writes its machine code to files in $HOME or /tmp, which a worker's sandbox forbids, and warnings go to
        // standard error, which carries the worker's events. Both are read from the environment at start only.
        setenv("VIPS_NOVECTOR", "1", 1)
        setenv("VIPS_WARNING", "0", 1)
        // Loader plugins (HEIF, JPEG XL, ImageMagick) are never used here and cost most of the start: no prefix, none found.
        setenv("VIPSHOME", "/nonexistent", 1)
        guard vips_init("srgan") == 0 else {
            return ImagingError(.configuration, "libvips could not be started.", details: takeErrorText())
        }
        // Only the loaders that the reader may choose; the rest cannot even be reached by an oversight.
        vips_operation_block_set("VipsForeignLoad", 1)
        let loaders = [
            "VipsForeignLoadJpegSource", "VipsForeignLoadPngSource", "VipsForeignLoadWebpSource",
            "VipsForeignLoadTiffSource", "VipsForeignLoadNsgifSource",
        ]
        for loader in loaders { vips_operation_block_set(loader, 0) }
        // A replaced file must never be answered with the old image, and rows pass through once: nothing to cache.
        vips_cache_set_max(0)
        // The cores belong to the network; libvips keeps one thread for making rows and one for writing them.
        vips_concurrency_set(1)
        return nil
    }()

    /// libvips' error text, one line a complaint, and empties its buffer.
    ///
    /// The buffer is one for the process. A worker has one image, so what is in it is about that image.
    static func takeErrorText() -> String {
        guard let buffer = vips_error_buffer_copy() else { return "" }
        defer { g_free(buffer) }
        var lines: [Substring] = []
        for line in String(cString: buffer).split(separator: "\n") where !lines.contains(line) { lines.append(line) }
        return lines.joined(separator: "; ")
    }
}
