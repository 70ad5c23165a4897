import ServiceConfiguration

extension OutputSettings {
    /// The settings in words: `format png, quality 90, metadata kept without GPS, tiles chosen by size, overlap 20`.
    var words: String {
        [
            format == "same" ? "format of the input" : "format \(format)", "quality \(quality)",
            compression.map { "compression \($0)" },
            keepMetadata ? "metadata kept with\(keepGPS ? "" : "out") GPS" : "metadata removed",
            tile.map { "tiles of \($0)" }, overlapInWords,
        ].compactMap(\.self).joined(separator: ", ")
    }

    private var overlapInWords: String {
        guard let overlap else { return "overlap exact" }
        return overlap == Configuration.Upscale.modelsOverlap ? "overlap of the model" : "overlap \(overlap)"
    }
}
