/// The release that this program belongs to; all programs have the same version.
public enum ProgramVersion {
    /// The semantic version that `--version` and the worker's `start` event report.
    public static let current = "0.1.0"
}
