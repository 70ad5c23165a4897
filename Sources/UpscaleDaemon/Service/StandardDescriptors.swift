import Glibc

/// Makes sure that descriptors 0, 1 and 2 are open. A program may be started without them; the next file that it opens
/// would then become its standard input, output or error.
enum StandardDescriptors {
    /// Opens /dev/null as each missing descriptor.
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
