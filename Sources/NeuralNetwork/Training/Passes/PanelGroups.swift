import CKernels

/// Divides a layer's output channels into parts, which become separate work items. A part is so small that its weights
/// stay in the L2 cache from row to row and from image to image. A narrow layer is one part; a wide layer is divided
/// into parts of four panels.
struct PanelGroups {
    /// The number of parts.
    let count: Int

    private let panels: Int

    /// The number of weights above which the layer is divided.
    private static let limit = 256 * 1024
    /// The number of panels in a part; the kernels process this many at once.
    private static let size = 4

    init(outputs: Int, weights: Int) {
        panels = outputs / Int(CK_PANEL)
        count = weights > Self.limit && outputs % Int(CK_PANEL) == 0 ? (panels + Self.size - 1) / Self.size : 1
    }

    /// The panels of part `group`.
    func panels(_ group: Int) -> Range<Int> {
        count == 1 ? 0..<panels : group * Self.size..<min(panels, (group + 1) * Self.size)
    }
}
