import LinuxSupport
import SystemPackage

extension AtomicFile {
    /// Replaces a file of a training run durably.
    static func write(_ bytes: [UInt8], to path: FilePath) throws(TrainingError) {
        try write(to: path, durability: .contentAndName) { try $0.writeAll(bytes) }
    }

    /// Replaces a file of a training run. The temporary file is `PATH.part`; if a killed run left such a file, it is
    /// removed first.
    static func write(
        to path: FilePath, durability: Durability, fill: (FileDescriptor) throws -> Void
    ) throws(TrainingError) {
        let temporary = FilePath(path.string + ".part")
        do {
            try DurableFile.remove(temporary)
            try write(
                to: path, temporary: temporary, permissions: [.ownerReadWrite, .groupRead, .otherRead],
                durability: durability, fill: fill)
        } catch {
            let reason = (error as? FileError)?.systemError.map { "\(Errno(rawValue: $0))" } ?? "\(error)"
            throw TrainingError(.outputFailed, "\(path) cannot be written: \(reason)", cause: error)
        }
    }
}
