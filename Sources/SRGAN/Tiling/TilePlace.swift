import Imaging

/// Where a tile lies in its image, for generators that read the image's border or join the network's three planes.
public struct TilePlace: Sendable {
    /// The whole image, in the tile's coordinates.
    public var image: PixelRegion
    /// Whether the three input planes are one grey channel or the alpha channel. The output planes then differ only by
    /// the network's noise, and their mean is the result.
    public var isGrey: Bool

    /// Describes the place of a tile.
    public init(image: PixelRegion, isGrey: Bool) {
        self.image = image
        self.isGrey = isGrey
    }
}
