/// Which release this is.
public enum ServiceVersion {
    /// The version as `--version` prints it.
    public static let current = "0.1.0"
}
