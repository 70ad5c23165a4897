import Glibc
import SystemPackage

/// The system refused to do something with a file, or the file is not what the caller needs.
public struct FileError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Sendable {
        /// The operating system refused a call, or the file is of the wrong kind or size.
        case inputOutput
        /// An fsync failed. The state of the disk is uncertain until a new start of the program checks it.
        case notDurable
        /// A file's content changed while it was read.
        case changed
        /// A folder of the configuration does not exist or may not be used now, perhaps because its file system is not
        /// mounted.
        case folderUnavailable
    }

    /// The kind of failure.
    public let code: Code
    /// One full sentence.
    public let message: String
    /// The system's error number if a system call failed; otherwise nil.
    public let systemError: Int32?

    /// Creates an error with one sentence.
    public init(_ code: Code, _ message: String, systemError: Int32? = nil) {
        self.code = code
        self.message = message
        self.systemError = systemError
    }

    /// The error for a failed system call: "PATH cannot be VERB: REASON."
    ///
    /// - verb: a past participle, such as "opened".
    /// - number: the error number; `errno` by default.
    public static func system(_ verb: String, _ path: FilePath, number: Int32 = errno) -> FileError {
        FileError(.inputOutput, "\(path.escaped) cannot be \(verb): \(Errno(rawValue: number)).", systemError: number)
    }

    /// The sentence.
    public var description: String { message }

    /// True when the disk has no room, no inode is left or the quota is used up.
    public var isDiskFull: Bool { systemError == ENOSPC || systemError == EDQUOT }

    /// True when the system was short of descriptors, memory or processes. This says nothing about the file.
    public var isShortage: Bool { systemError.map(SystemShortage.errors.contains) ?? false }

    /// True when the same call may succeed later although nobody changes the file: the system was short of resources,
    /// or a disk or a network share did not answer.
    public var isPassing: Bool { isShortage || systemError.map(SystemShortage.unanswered.contains) ?? false }
}
