import Foundation

/// An evaluation as a text table: one row per method, one column per dataset, and the results of the SRGAN paper for
/// comparison.
public enum EvaluationTable {
    /// The table, without a trailing line feed.
    ///
    /// - Parameter withPaper: Whether to add the results of the SRGAN paper, which are for luma and a scale of 4.
    public static func text(_ report: EvaluationReport, withPaper: Bool) -> String {
        let hasFeatures = report.datasets.contains { $0.means.contains { $0.vgg != nil } }
        var rows: [[String]] = [[""] + report.datasets.map(\.name)]
        for index in report.datasets.first?.means.indices ?? 0..<0 {
            rows.append(
                [report.datasets[0].means[index].method] + report.datasets.map { cell($0.means[index], hasFeatures) })
        }
        if withPaper {
            let paper = report.datasets.map { PaperResults.rows(for: $0.name) }
            for (index, row) in (paper.first { !$0.isEmpty } ?? []).enumerated() {
                rows.append(
                    ["paper: \(row.method)"]
                        + paper.map { $0.isEmpty ? "" : number($0[index].psnr, 2) + " / " + number($0[index].ssim, 4) })
            }
        }
        let counts = report.datasets.map { "\($0.name) \($0.images.count)" }.joined(separator: ", ")
        let measures = "PSNR in dB / SSIM" + (hasFeatures ? " / VGG distance" : "")
        let heading =
            "\(measures) on \(report.channels == "y" ? "Y" : "RGB"), x\(report.scale), border \(report.border); "
            + "images: \(counts)"
        return ([heading] + aligned(rows)).joined(separator: "\n")
    }

    /// The rows as lines with aligned columns.
    static func aligned(_ rows: [[String]]) -> [String] {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            trimmed(
                zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }.joined(separator: "   "))
        }
    }

    private static func cell(_ score: EvaluationReport.Score, _ hasFeatures: Bool) -> String {
        var parts = [number(score.psnr, 2), score.ssim.map { number($0, 4) } ?? "-"]
        if hasFeatures { parts.append(score.vgg.map { number($0, 4) } ?? "-") }
        return parts.joined(separator: " / ")
    }

    /// A number with a fixed count of decimals.
    static func number(_ value: Double, _ digits: Int) -> String {
        String(format: "%.\(digits)f", value)
    }

    private static func trimmed(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line
    }
}
