import Glibc

/// Descriptors 0, 1 and 2. A program may be started with one of them closed. The next file that it opens would then get
/// that number and receive the program's output.
public enum StandardDescriptors {
    /// Opens /dev/null for each descriptor that is closed. Standard output is opened for reading only, so that writing to it
    /// fails, as it would without this call.
    public static func open() {
        for descriptor in 0...2 as ClosedRange<Int32> where fcntl(descriptor, F_GETFD) < 0 {
            let mode = descriptor == STDOUT_FILENO ? O_RDONLY : O_RDWR
            // `open` returns the lowest free number, which is this one.
            guard Glibc.open("/dev/null", mode) == descriptor else { return }
        }
    }
}
