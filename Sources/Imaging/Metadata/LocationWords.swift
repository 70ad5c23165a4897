/// The words by which a property's name or a text is taken for a position.
///
/// The words are searched without regard to case, because programs spell the same property differently
/// (`exif:GPSLatitude`, `drone-dji:GpsLatitude`). A property that only looks like a position is lost by mistake, which
/// is better than a position that is kept by mistake. Names of cities and countries that a person typed in are kept.
enum LocationWords {
    /// Whether the name of a property contains one of the words.
    static func areInName(_ name: String) -> Bool { areInText(name) || name.lowercased().containsText("location") }

    /// Whether a text contains one of the words. "Location" is not among them, because it occurs in descriptions.
    static func areInText(_ text: String) -> Bool {
        let lower = text.lowercased()
        return words.contains { lower.containsText($0) }
    }

    /// Whether an XMP key such as "Xmp.exif.GPSLatitude", or one of the names in its path, stands for a position.
    static func areInXMPKey(_ key: String) -> Bool {
        if areInName(key) { return true }
        let names = key.lowercased().split { ".:/[]".contains($0) }
        return names.contains { shortNames.contains($0) || $0.hasSuffix("altitude") }
    }

    private static let words = ["gps", "latitude", "longitude"]
    private static let shortNames: Set<Substring> = ["lat", "lon", "lng", "long", "alt", "geohash", "geo"]
}
