import SystemPackage

/// Writes a file under a temporary name and renames it, so that a reader never sees an incomplete file.
public enum AtomicFile {
    /// What is certain to be on the disk when `write` returns.
    public enum Durability: Sendable {
        /// Nothing is certain to be on the disk. A reader sees the old file or the new one.
        case none
        /// The new file's bytes, which are synced before the file gets its name. After a power cut, the name may still
        /// belong to the old file.
        case content
        /// The new file's bytes and its name.
        case contentAndName
    }

    /// Creates the temporary file, fills it, syncs it, renames it and syncs its folder, in this order.
    ///
    /// When any step fails, the temporary file is removed and nothing is tried again.
    ///
    /// - temporary: a name in the same folder that no other process uses; no file may have this name yet.
    /// - replacing: whether an existing file may be replaced.
    /// - fill: writes the content; the descriptor is open for reading and writing and is closed afterwards.
    /// - Returns: what `fill` returns; nil when `path` exists and `replacing` is false.
    /// - Throws: `FileError`, or what `fill` throws.
    @discardableResult
    public static func write<Result>(
        to path: FilePath, temporary: FilePath, permissions: FilePermissions, replacing: Bool = true,
        durability: Durability = .contentAndName, fill: (FileDescriptor) throws -> Result
    ) throws -> Result? {
        let descriptor = try DurableFile.create(temporary, permissions: permissions)
        defer { try? descriptor.close() }
        do {
            let result = try fill(descriptor)
            if durability != .none { try DurableFile.sync(descriptor, name: temporary) }
            if replacing {
                try DurableFile.rename(temporary, to: path)
            } else if try !DurableFile.renameWithoutReplacing(temporary, to: path) {
                try DurableFile.remove(temporary)
                return nil
            }
            if durability == .contentAndName { try DurableFile.syncFolder(path.parentFolder) }
            return result
        } catch {
            try? DurableFile.remove(temporary)
            throw error
        }
    }

    /// Writes the given bytes by the steps of the function above; an existing file is replaced.
    public static func write(
        _ bytes: some Sequence<UInt8>, to path: FilePath, temporary: FilePath, permissions: FilePermissions,
        durability: Durability = .contentAndName
    ) throws {
        try write(to: path, temporary: temporary, permissions: permissions, durability: durability) { descriptor in
            do {
                try descriptor.writeAll(bytes)
            } catch let error as Errno {
                throw FileError.system("written", temporary, number: error.rawValue)
            }
        }
    }
}
