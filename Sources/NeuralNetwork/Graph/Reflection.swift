/// The padding of images by reflection.
enum Reflection {
    /// The pixel that stands at coordinate `place` of an axis with `count` pixels. The reflection does not repeat the
    /// last pixel, and it goes back and forth if the axis is shorter than the padding.
    static func index(_ place: Int, of count: Int) -> Int {
        guard count > 1 else { return 0 }
        let period = 2 * (count - 1)
        let offset = place % period
        return offset < count ? offset : period - offset
    }
}
