/// The measures of naturalness, sharpness, grid and colour as text: one table per dataset, one row per method.
public enum MeasureTable {
    private typealias Score = EvaluationReport.Score

    /// The columns: heading, measure and decimals.
    private static var columns: [(heading: String, value: (Score) -> Double?, digits: Int)] {
        [
            ("NIQE", { $0.niqe }, 2), ("gradient energy", { $0.gradientEnergy }, 3), ("grid", { $0.grid }, 2),
            ("colour error", { $0.colourError }, 2), ("consistency dB", { $0.consistency }, 2),
            ("VGG, 3 layers", { $0.vggLayers }, 4),
        ]
    }

    /// The tables, without a trailing line feed. The column of VGG-19 is left out if it was not measured.
    public static func text(_ report: EvaluationReport) -> String {
        report.datasets.map(text).joined(separator: "\n\n")
    }

    private static func text(_ dataset: EvaluationReport.Dataset) -> String {
        let hasFeatures = dataset.means.contains { $0.vggLayers != nil }
        let columns = hasFeatures ? Self.columns : Array(Self.columns.dropLast())
        var original = Score(method: "original", psnr: .infinity)
        original.niqe = dataset.original?.niqe
        original.grid = dataset.original?.grid
        original.gradientEnergy = 1
        let rows = (dataset.means + [original]).map { score in
            [score.method]
                + columns.map { column in
                    column.value(score).map { EvaluationTable.number($0, column.digits) } ?? "-"
                }
        }
        return EvaluationTable.aligned([[dataset.name] + columns.map(\.heading)] + rows).joined(separator: "\n")
    }
}
