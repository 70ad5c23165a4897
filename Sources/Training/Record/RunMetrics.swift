/// The names of the metrics in a run's log, besides the losses.
enum RunMetrics {
    /// The PSNR on a test set. In the log, `/` and the test set's name are appended to this name. For the PSNR of
    /// bicubic upscaling, `bicubic_` is also put before it.
    static let psnr = "psnr_y"
    /// The SSIM on a test set. In the log, its name is extended in the same way.
    static let ssim = "ssim_y"
    /// The further measures of a validation, by their names in the log. They are extended in the same way.
    static let measures: [(name: String, value: @Sendable (EvaluationReport.Score) -> Double?)] = [
        ("niqe", { $0.niqe }), ("gradient_energy", { $0.gradientEnergy }), ("grid", { $0.grid }),
        ("colour_error", { $0.colourError }), ("consistency", { $0.consistency }), ("vgg_layers", { $0.vggLayers }),
    ]
    /// The model's grid as a multiple of the originals' grid. The log has this field only if the grid is above
    /// `ValidationResult.SetScores.gridLimit`.
    static let gridWarning = "grid_warning"
    /// The learning rate of the last step.
    static let learningRate = "learning_rate"
    /// Steps per second.
    static let speed = "iterations_per_second"
    /// The share of the time that steps spent waiting for data.
    static let dataWait = "data_wait"

    /// The log fields of a validation.
    static func fields(_ scores: [ValidationResult.SetScores]) -> [String: Double] {
        var fields: [String: Double] = [:]
        for set in scores {
            fields["\(psnr)/\(set.name)"] = set.psnr
            fields["\(ssim)/\(set.name)"] = set.ssim
            fields["bicubic_\(psnr)/\(set.name)"] = set.bicubicPSNR
            fields["bicubic_\(ssim)/\(set.name)"] = set.bicubicSSIM
            for measure in measures {
                fields["\(measure.name)/\(set.name)"] = measure.value(set.model)
                fields["bicubic_\(measure.name)/\(set.name)"] = measure.value(set.bicubic)
            }
            fields["original_niqe/\(set.name)"] = set.original.niqe
            fields["original_grid/\(set.name)"] = set.original.grid
            fields["\(gridWarning)/\(set.name)"] = set.excessiveGrid
        }
        return fields
    }

    /// The mean PSNR over test sets in a log line; nil if the line belongs to no validation or lacks one of the sets.
    static func meanPSNR(_ line: [String: Double], sets: [String]) -> Double? {
        let numbers = sets.compactMap { line["\(psnr)/\($0)"] }
        guard !sets.isEmpty, numbers.count == sets.count else { return nil }
        return numbers.reduce(0, +) / Double(numbers.count)
    }

    /// The tag under which TensorBoard shows a field of the log: a group and the field's name.
    static func tag(_ field: String) -> String {
        if field.hasPrefix("l_") { return "loss/\(field)" }
        return field.contains("/") ? "validation/\(field)" : "run/\(field)"
    }
}
