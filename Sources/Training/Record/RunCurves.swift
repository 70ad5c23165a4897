import SystemPackage

/// `curves.svg`: losses, validation scores and the learning rate over the iterations of a run.
enum RunCurves {
    /// The maximum number of points per line; on a page, more points could not be distinguished.
    private static let mostPoints = 400

    /// Makes the chart from the lines of a run's log.
    static func chart(title: String, lines: [[String: Double]]) -> CurveChart {
        let keys = Set(lines.flatMap(\.keys)).sorted()
        func series(_ key: String, name: String? = nil, isReference: Bool = false) -> CurveChart.Series {
            let points = lines.compactMap { line in
                line[key].flatMap { y in line[RunLog.iterationKey].map { (x: $0, y: y) } }
            }
            return CurveChart.Series(name: name ?? key, points: thinned(points), isReference: isReference)
        }
        func panel(_ title: String, isLogarithmic: Bool = false, _ keys: [String]) -> CurveChart.Panel? {
            keys.isEmpty ? nil : .init(title: title, isLogarithmic: isLogarithmic, series: keys.map { series($0) })
        }
        func measured(_ title: String, _ measure: String, reference: String = "bicubic") -> CurveChart.Panel? {
            let sets = keys.filter { $0.hasPrefix("\(measure)/") }.map { String($0.dropFirst(measure.count + 1)) }
            let all = sets.flatMap { set in
                [
                    series("\(measure)/\(set)", name: set),
                    series("\(reference)_\(measure)/\(set)", name: reference, isReference: true),
                ]
            }
            return sets.isEmpty ? nil : .init(title: title, isLogarithmic: false, series: all)
        }
        let adversarial = ["l_g_gan", "l_d_real", "l_d_fake"].filter(keys.contains)
        let others = keys.filter { $0.hasPrefix("l_") && !adversarial.contains($0) }
        let losses = others.map { panel($0, isLogarithmic: true, [$0]) }
        let panels =
            losses + [
                panel("Generator against discriminator", isLogarithmic: true, adversarial),
                measured("PSNR on Y, dB", RunMetrics.psnr), measured("SSIM on Y", RunMetrics.ssim),
                measured("NIQE", "niqe", reference: "original"), measured("Grid", "grid", reference: "original"),
                measured("Gradient energy of the original's", "gradient_energy"),
                measured("Colour error, 255ths", "colour_error"), measured("Consistency, dB", "consistency"),
                measured("VGG distance, three layers", "vgg_layers"),
                panel("Learning rate", keys.filter { $0 == RunMetrics.learningRate }),
            ]
        return CurveChart(title: title, panels: panels.compactMap { $0 })
    }

    /// Replaces groups of neighbouring points by their means if there are too many points.
    private static func thinned(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
        let group = (points.count + mostPoints - 1) / mostPoints
        guard group > 1 else { return points }
        return stride(from: 0, to: points.count, by: group).map { start in
            let part = points[start..<min(points.count, start + group)]
            let count = Double(part.count)
            return (part.reduce(0) { $0 + $1.x } / count, part.reduce(0) { $0 + $1.y } / count)
        }
    }
}
