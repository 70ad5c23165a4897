import LinuxSupport
import SystemPackage

extension AtomicFile {
    /// Replaces a file of a training run durably. The temporary file is `PATH.part`; if a killed run left such a file,
    /// it is removed first.
    static func write(_ bytes: [UInt8], to path: FilePath) throws(TrainingError) {
        let temporary = FilePath(path.string + ".part")
        do {
            try DurableFile.remove(temporary)
            try write(
                bytes, to: path, temporary: temporary, permissions: [.ownerReadWrite, .groupRead, .otherRead])
        } catch {
            let reason = (error as? FileError)?.systemError.map { "\(Errno(rawValue: $0))" } ?? "\(error)"
            throw TrainingError(.outputFailed, "\(path) cannot be written: \(reason)", cause: error)
        }
    }
}
