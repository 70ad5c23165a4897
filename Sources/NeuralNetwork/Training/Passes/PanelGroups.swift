import CKernels

/// Divides a layer's output channels into groups, which become separate work items.
///
/// The packed weights are stored in panels; a panel holds the weights of 16 output channels. A layer with many weights
/// is divided into groups of four panels (64 output channels). The weights of such a group stay in the L2 cache while
/// the rows of all images are computed one after another. A smaller layer is a single group.
struct PanelGroups {
    /// The number of groups.
    let count: Int

    private let panels: Int

    /// The number of weights above which a layer is divided.
    private static let limit = 256 * 1024
    /// The number of panels in a group; the kernels process this many at once.
    private static let size = 4

    init(outputs: Int, weights: Int) {
        panels = outputs / Int(CK_PANEL)
        count = weights > Self.limit && outputs % Int(CK_PANEL) == 0 ? (panels + Self.size - 1) / Self.size : 1
    }

    /// The panels of the group with index `group`.
    func panels(_ group: Int) -> Range<Int> {
        count == 1 ? 0..<panels : group * Self.size..<min(panels, (group + 1) * Self.size)
    }
}
