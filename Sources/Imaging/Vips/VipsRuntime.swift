import CVips
import Glibc

/// Starts libvips, once per process.
enum VipsRuntime {
    /// Starts libvips on the first call. Later calls only report the result of the first one.
    static func start() throws(ImagingError) {
        if let failure { throw failure }
    }

    /// The error of libvips' start; nil if it started. libvips must be started once, before any other thread calls it.
    /// This is guaranteed because Swift initialises a static property only once.
    private static let failure: ImagingError? = {
        // Switches off ORC, the library that compiles libvips' loops, because it writes machine code to files in $HOME
        // or /tmp, which a worker's sandbox forbids. Switches off libvips' warnings, because they go to standard error,
        // to which a worker writes its events. libvips reads both variables only when it starts.
        setenv("VIPS_NOVECTOR", "1", 1)
        setenv("VIPS_WARNING", "0", 1)
        // Loader plugins (HEIF, JPEG XL, ImageMagick) are never used, but loading them takes most of libvips' start
        // time. With this folder as its prefix libvips finds no plugin.
        setenv("VIPSHOME", "/nonexistent", 1)
        guard vips_init("srgan") == 0 else {
            return ImagingError(.configuration, "libvips could not be started.", details: takeErrorText())
        }
        // Blocks all loaders except those that `ImageReader` uses, so no other loader can run by mistake.
        vips_operation_block_set("VipsForeignLoad", 1)
        let loaders = [
            "VipsForeignLoadJpegSource", "VipsForeignLoadPngSource", "VipsForeignLoadWebpSource",
            "VipsForeignLoadTiffSource", "VipsForeignLoadNsgifSource",
        ]
        for loader in loaders { vips_operation_block_set(loader, 0) }
        // Switches off libvips' cache of results. After a file was replaced, the cache could return the old image. It
        // would also save nothing, because rows are read only once.
        vips_cache_set_max(0)
        // The network needs the processor cores, so libvips gets only two threads: one that computes rows and one that
        // writes them.
        vips_concurrency_set(1)
        return nil
    }()

    /// Whether libvips' error buffer contains a text. Unlike `takeErrorText`, this does not clear the buffer.
    static func errorTextContains(_ text: String) -> Bool {
        guard let buffer = vips_error_buffer(), buffer.pointee != 0 else { return false }
        return String(cString: buffer).containsText(text)
    }

    /// Returns libvips' error text without repeated lines, and clears its buffer.
    ///
    /// The whole process shares one buffer. A worker processes only one image, so the text is about that image.
    static func takeErrorText() -> String {
        guard let buffer = vips_error_buffer_copy() else { return "" }
        defer { g_free(buffer) }
        var lines: [Substring] = []
        for line in String(cString: buffer).split(separator: "\n") where !lines.contains(line) { lines.append(line) }
        return lines.joined(separator: "; ")
    }
}
