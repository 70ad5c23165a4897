/// The release that this program belongs to; all programs have the same version.
public enum ProgramVersion {
    /// Semantic version, as `--version` and the worker's `start` event give it.
    public static let current = "0.1.0"
}
