/// The source of a coordinate in an enlarged image: two pixels and the weight of the second one.
struct Interpolation {
    let first: Int
    let second: Int
    let weight: Float

    /// The pixel that is repeated at coordinate `place`, along an axis with `count` source pixels.
    static func nearest(_ place: Int, factor: Int, count: Int) -> Interpolation {
        Interpolation(first: place / factor, second: place / factor, weight: 0)
    }

    /// The pixels between whose centres the centre of coordinate `place` lies; at the edges, the edge pixel.
    static func bilinear(_ place: Int, factor: Int, count: Int) -> Interpolation {
        let centre = max(0, (Float(place) + 0.5) / Float(factor) - 0.5)
        let first = min(Int(centre), count - 1)
        return Interpolation(first: first, second: min(first + 1, count - 1), weight: centre - Float(first))
    }
}
