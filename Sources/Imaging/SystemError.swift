import Glibc

extension ImagingError {
    /// The error for a failed system call.
    ///
    /// - Parameters:
    ///   - errno: the call's error number.
    ///   - action: what failed, as the start of a sentence: "The output could not be written".
    ///   - code: the code for error numbers that have no code of their own.
    public static func system(errno number: Int32, _ action: String, code: Code = .inputOutputError) -> ImagingError {
        let code: Code =
            switch number {
            case ENOSPC, EDQUOT: .diskFull
            // A limit of the process or of the file system: more free space would not help.
            case EFBIG: .outputTooLarge
            case ENOMEM: .outOfMemory
            case ENOENT: .vanished
            case EACCES, EPERM: .unreadable
            default: code
            }
        return ImagingError(code, "\(action): \(String(cString: strerror(number))).")
    }

    /// Finds the cause outside the image (disk, limit, memory, I/O) that libvips' error text mentions; nil if it mentions none.
    ///
    /// libvips appends the text of `strerror` to its own and does not keep the error number, so the text is searched.
    static func passingCause(inText text: String) -> Code? {
        let causes: [(Int32, Code)] = [
            (ENOSPC, .diskFull), (EDQUOT, .diskFull), (EFBIG, .outputTooLarge), (ENOMEM, .outOfMemory),
            (EIO, .inputOutputError), (EPIPE, .inputOutputError), (EBADF, .inputOutputError),
        ]
        for (number, code) in causes where text.containsText(String(cString: strerror(number))) { return code }
        // "Insufficient memory" is libjpeg's message.
        let isMemory = text.containsText("out of memory") || text.containsText("Insufficient memory")
        return isMemory ? .outOfMemory : nil
    }
}

extension String {
    /// Whether `other` occurs in this text, byte for byte. Foundation has such a function, but loading Foundation adds
    /// 20 ms to a worker's start.
    func containsText(_ other: String) -> Bool {
        let haystack = Array(utf8)
        let needle = Array(other.utf8)
        guard !needle.isEmpty, haystack.count >= needle.count else { return needle.isEmpty }
        return (0...(haystack.count - needle.count)).contains { haystack[$0...].starts(with: needle) }
    }
}
