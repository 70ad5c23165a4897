/// The names that a run's log gives to its figures, besides the losses'.
enum RunFigures {
    /// Followed by `/` and the set's name; the same for a bicubic upscaling with `bicubic_` before it.
    static let psnr = "psnr_y"
    /// Likewise.
    static let ssim = "ssim_y"
    /// The learning rate of the last step.
    static let learningRate = "learning_rate"
    /// Steps a second.
    static let speed = "iterations_per_second"
    /// The share of the time that steps waited for their data.
    static let dataWait = "data_wait"

    /// The fields of a validation's line.
    static func fields(_ figures: [ValidationResult.Figures]) -> [String: Double] {
        var fields: [String: Double] = [:]
        for set in figures {
            fields["\(psnr)/\(set.name)"] = set.psnr
            fields["\(ssim)/\(set.name)"] = set.ssim
            fields["bicubic_\(psnr)/\(set.name)"] = set.bicubicPSNR
            fields["bicubic_\(ssim)/\(set.name)"] = set.bicubicSSIM
        }
        return fields
    }

    /// The mean PSNR over sets in a line of the log; nil where it is no validation's or lacks one of the sets.
    static func meanPSNR(_ line: [String: Double], sets: [String]) -> Double? {
        let numbers = sets.compactMap { line["\(psnr)/\($0)"] }
        guard !sets.isEmpty, numbers.count == sets.count else { return nil }
        return numbers.reduce(0, +) / Double(numbers.count)
    }

    /// The tag that TensorBoard shows a field under: a group and a name.
    static func tag(_ field: String) -> String {
        if field.hasPrefix("l_") { return "loss/\(field)" }
        return field.contains("/") ? "validation/\(field)" : "run/\(field)"
    }
}
