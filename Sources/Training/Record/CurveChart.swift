import Foundation

/// Line charts with a common axis of iterations, drawn one below the other as SVG.
struct CurveChart: Sendable {
    /// One line.
    struct Series: Sendable {
        var name: String
        var points: [(x: Double, y: Double)]
        /// Whether this is a reference line, which is dashed and has the colour of the line before it.
        var isReference = false
    }

    /// One chart.
    struct Panel: Sendable {
        var title: String
        var isLogarithmic: Bool
        var series: [Series]
    }

    var title: String
    var panels: [Panel]

    private static let (width, plotHeight, panelHeight) = (960.0, 190.0, 260.0)
    private static let (left, right, top) = (76.0, 220.0, 58.0)
    private static var plotWidth: Double { width - left - right }
    /// Okabe and Ito's palette, which people with colour blindness can distinguish too.
    private static let colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"]

    /// The SVG document.
    var svg: String {
        let numbers = panels.flatMap { $0.series.flatMap { $0.points.map(\.x) } }
        let axis = ChartAxis(from: 0, to: numbers.max() ?? 1)
        let height = Self.top + Self.panelHeight * Double(max(1, panels.count))
        var lines = [
            """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(Self.text(Self.width))" height="\(Self.text(height))" \
            viewBox="0 0 \(Self.text(Self.width)) \(Self.text(height))" font-family="sans-serif" font-size="12" \
            fill="#333">
            """,
            "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>",
            Self.label(title, x: Self.left, y: 24, size: 15, weight: "bold"),
        ]
        for (index, panel) in panels.enumerated() {
            lines += Self.draw(panel, top: Self.top + Double(index) * Self.panelHeight, xAxis: axis)
        }
        return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    private static func draw(_ panel: Panel, top: Double, xAxis: ChartAxis) -> [String] {
        let axis = ChartAxis(
            showing: panel.series.flatMap { $0.points.map(\.y) }, isLogarithmic: panel.isLogarithmic)
        func x(_ number: Double) -> Double { left + plotWidth * xAxis.position(of: number) }
        func y(_ number: Double) -> Double { top + plotHeight * (1 - axis.position(of: number)) }
        var lines = [label(panel.title, x: left, y: top - 8, size: 13, weight: "bold")]
        for tick in axis.ticks {
            lines.append(line(left, y(tick), left + plotWidth, y(tick), "stroke=\"#e4e4e4\""))
            lines.append(label(format(tick), x: left - 8, y: y(tick) + 4, anchor: "end"))
        }
        for tick in xAxis.ticks {
            lines.append(line(x(tick), top + plotHeight, x(tick), top + plotHeight + 5, "stroke=\"#888\""))
            lines.append(label(whole(tick), x: x(tick), y: top + plotHeight + 19, anchor: "middle"))
        }
        lines.append(line(left, top + plotHeight, left + plotWidth, top + plotHeight, "stroke=\"#888\""))
        lines.append(label("iteration", x: left + plotWidth + 28, y: top + plotHeight + 19))
        var colour = -1
        for (index, series) in panel.series.enumerated() {
            if !series.isReference || colour < 0 { colour += 1 }
            let style =
                "stroke=\"\(colours[colour % colours.count])\" "
                + (series.isReference ? "stroke-width=\"1.2\" stroke-dasharray=\"5 4\"" : "stroke-width=\"1.6\"")
            lines.append(path(series.points.map { (x($0.x), y($0.y)) }, style))
            let row = top + 12 + 18 * Double(index)
            lines.append(line(left + plotWidth + 14, row - 4, left + plotWidth + 38, row - 4, style))
            let last = series.points.last.map { " " + format($0.y) } ?? ""
            lines.append(label(series.name + last, x: left + plotWidth + 44, y: row))
        }
        return lines
    }

    private static func path(_ points: [(Double, Double)], _ style: String) -> String {
        // A line needs two points, so a single point is drawn as a short horizontal line.
        let points = points.count == 1 ? [(points[0].0 - 2, points[0].1), (points[0].0 + 2, points[0].1)] : points
        let places = points.map { "\(text($0)),\(text($1))" }.joined(separator: " ")
        return "<polyline fill=\"none\" stroke-linejoin=\"round\" \(style) points=\"\(places)\"/>"
    }

    private static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) -> String {
        "<line x1=\"\(text(x1))\" y1=\"\(text(y1))\" x2=\"\(text(x2))\" y2=\"\(text(y2))\" \(style)/>"
    }

    private static func label(
        _ content: String, x: Double, y: Double, anchor: String = "start", size: Int = 12, weight: String = "normal"
    ) -> String {
        let escaped = content.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        return "<text x=\"\(text(x))\" y=\"\(text(y))\" text-anchor=\"\(anchor)\" font-size=\"\(size)\" "
            + "font-weight=\"\(weight)\">\(escaped)</text>"
    }

    /// A coordinate on the page, to a tenth of a pixel.
    private static func text(_ coordinate: Double) -> String { String(format: "%.1f", coordinate) }

    private static func format(_ number: Double) -> String { String(format: "%.4g", number) }

    /// A whole number with thousands separators.
    private static func whole(_ number: Double) -> String {
        var digits = Array(String(Int(number)))
        for position in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: position) }
        return String(digits)
    }
}
