/// The version of the toolbox and its worker.
public enum ProgramVersion {
    /// Semantic version, as `srgan --version` and the worker's `start` event give it.
    public static let current = "0.1.0"
}
