import CVips
import Glibc

/// Reads the rows of an image once, from the top.
///
/// Not Sendable: libvips ties a `VipsRegion` to the thread that created it. Use the reader on the thread that called
/// `start`.
public final class RowReader {
    private let image: VipsImage
    private let layout: PixelLayout
    private let explain: (String) -> ImagingError
    private let lacksPixels: () -> Bool
    /// Whether `lacksPixels` was called.
    private var isChecked = false
    private var region: UnsafeMutablePointer<VipsRegion>?
    private var nextRow = 0

    /// - explain: makes an error from libvips' text.
    /// - lacksPixels: whether the file lacks pixels, as the format's own decoder finds out; called at most once, if
    ///   libvips has a warning.
    init(
        image: VipsImage, layout: PixelLayout, lacksPixels: @escaping () -> Bool,
        explain: @escaping (String) -> ImagingError
    ) {
        self.lacksPixels = lacksPixels
        self.image = image
        self.layout = layout
        self.explain = explain
    }

    deinit {
        if let region { g_object_unref(region) }
    }

    /// The number of rows to request from libvips at a time: enough to keep the overhead of a request small, and few
    /// enough to fit into the processor's caches.
    private static let strip = 16

    /// libjpeg-turbo's warning that the compressed pixels end too early.
    private static let missingPixels = "premature end of data segment"

    /// Copies the next rows to memory without gaps.
    ///
    /// - Parameters:
    ///   - rows: the rows to read; they must begin where the previous call ended.
    ///   - destination: memory for `rows.count * width * layout.bytesPerPixel` bytes.
    public func read(rows: Range<Int>, into destination: UnsafeMutableRawPointer) throws(ImagingError) {
        precondition(rows.lowerBound == nextRow && rows.upperBound <= image.height, "rows must be read in order")
        if region == nil { region = vips_region_new(image.pointer) }
        guard let region else {
            throw ImagingError(.outOfMemory, "Decoding failed.", details: VipsRuntime.takeErrorText())
        }
        let rowBytes = image.width * layout.bytesPerPixel
        var target = destination
        while nextRow < rows.upperBound {
            let count = min(Self.strip, rows.upperBound - nextRow)
            var rect = VipsRect(left: 0, top: Int32(nextRow), width: Int32(image.width), height: Int32(count))
            guard vips_region_prepare(region, &rect) == 0 else { throw explain(VipsRuntime.takeErrorText()) }
            // libvips can turn either all of libjpeg-turbo's warnings into errors, including harmless ones, or none. So
            // the error text is searched for the one warning that matters.
            guard !VipsRuntime.errorTextContains(Self.missingPixels) else {
                throw explain(VipsRuntime.takeErrorText())
            }
            // libjpeg-turbo reports only its first warning, which may be a harmless one.
            if !isChecked, VipsRuntime.errorTextContains("VipsJpeg") {
                isChecked = true
                if lacksPixels() { throw explain(Self.missingPixels) }
            }
            for row in nextRow..<(nextRow + count) {
                memcpy(target, srgan_vips_region_address(region, 0, Int32(row)), rowBytes)
                target += rowBytes
            }
            nextRow += count
        }
    }
}
