import SystemPackage

/// The name under which the process was started, for messages.
public enum ProgramName {
    /// The last component of the program's path: `srgan-jobs`.
    public static var current: String {
        guard let path = CommandLine.unsafeArgv[0], let name = FilePath(platformString: path).lastComponent else {
            return "srgan"
        }
        return PlainText.clean(name.string)
    }
}
