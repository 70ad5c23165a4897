import CKernels

/// How the outputs of a product with many weights are shared out, so that those of a part stay in the L2 from one row of pixels
/// to the next and from one image to the next: narrow layers in one piece, wide ones in fours of panels.
struct PanelGroups {
    /// How many parts there are.
    let count: Int

    private let panels: Int

    /// From this many weights on there are several parts.
    private static let limit = 256 * 1024
    /// Panels that the kernels take at a time.
    private static let size = 4

    init(outputs: Int, weights: Int) {
        panels = outputs / Int(CK_PANEL)
        count = weights > Self.limit && outputs % Int(CK_PANEL) == 0 ? (panels + Self.size - 1) / Self.size : 1
    }

    /// The panels of a part.
    func panels(_ group: Int) -> Range<Int> {
        count == 1 ? 0..<panels : group * Self.size..<min(panels, (group + 1) * Self.size)
    }
}
