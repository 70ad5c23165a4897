import Glibc

/// Error numbers of the system that are no property of the file or program that a call named.
public enum SystemShortage {
    /// The system or the user has no more descriptors, memory or processes at the moment.
    public static let errors: Set<Int32> = [EMFILE, ENFILE, ENOMEM, EAGAIN, ENOBUFS, EINTR]

    /// A disk or a network share does not answer, or does so with an error.
    static let unanswered: Set<Int32> = [
        EIO, ESTALE, ETIMEDOUT, EHOSTDOWN, EHOSTUNREACH, ENETDOWN, ENETUNREACH, ENOTCONN, EREMOTEIO, ENOLINK, EBUSY,
    ]
}
