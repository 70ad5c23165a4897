/// Which release this is: one number for all programs.
public enum ProgramVersion {
    /// Semantic version, as `--version` and the worker's `start` event give it.
    public static let current = "0.1.0"
}
