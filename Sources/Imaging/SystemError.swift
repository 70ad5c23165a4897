import Glibc

extension ImagingError {
    /// The error for a failed system call.
    ///
    /// - Parameters:
    ///   - errno: the call's error number.
    ///   - action: what was being done, as the start of a sentence: "The output could not be written".
    ///   - code: the code for numbers that speak for nothing in particular.
    public static func system(errno number: Int32, _ action: String, code: Code = .inputOutputError) -> ImagingError {
        let code: Code =
            switch number {
            case ENOSPC, EDQUOT, EFBIG: .diskFull
            case ENOMEM: .outOfMemory
            case ENOENT: .vanished
            case EACCES, EPERM: .unreadable
            default: code
            }
        return ImagingError(code, "\(action): \(String(cString: strerror(number))).")
    }

    /// Which passing cause libvips' words speak of; nil when of none.
    ///
    /// libvips appends `strerror` to its text and keeps no number, so the words are all there is to look at.
    static func passingCause(inText text: String) -> Code? {
        let causes: [(Int32, Code)] = [
            (ENOSPC, .diskFull), (EDQUOT, .diskFull), (EFBIG, .diskFull), (ENOMEM, .outOfMemory),
            (EIO, .inputOutputError), (EPIPE, .inputOutputError), (EBADF, .inputOutputError),
        ]
        for (number, code) in causes where text.containsText(String(cString: strerror(number))) { return code }
        // The second are libjpeg's words.
        let isMemory = text.containsText("out of memory") || text.containsText("Insufficient memory")
        return isMemory ? .outOfMemory : nil
    }
}

extension String {
    /// Whether the other text occurs in this one, byte for byte. Foundation has this too, but takes 20 ms of a worker's
    /// start to load.
    func containsText(_ other: String) -> Bool {
        let haystack = Array(utf8)
        let needle = Array(other.utf8)
        guard !needle.isEmpty, haystack.count >= needle.count else { return needle.isEmpty }
        return (0...(haystack.count - needle.count)).contains { haystack[$0...].starts(with: needle) }
    }
}
