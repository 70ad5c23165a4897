import Glibc

/// Descriptors 0, 1 and 2: a program may be started without them, and the next file that it opens would then be taken
/// for one.
enum StandardDescriptors {
    static func open() {
        while true {
            let descriptor = Glibc.open("/dev/null", O_RDWR)
            if descriptor > 2 || descriptor < 0 {
                close(descriptor)
                return
            }
        }
    }
}
