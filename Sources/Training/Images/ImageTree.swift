import Glibc
import Imaging
import SystemPackage

/// The images of a folder and its subfolders.
enum ImageTree {
    /// Lists the images below a folder in the order of their paths' bytes.
    static func files(below folder: FilePath) throws(TrainingError) -> [FilePath] {
        guard let stream = folder.withPlatformString({ opendir($0) }) else {
            throw TrainingError(.noImages, "\(folder) cannot be listed: \(String(cString: strerror(errno))).")
        }
        var files: [FilePath] = []
        var folders: [FilePath] = []
        while let entry = readdir(stream) {
            // A file name may be any bytes, so it is passed from readdir to open without a conversion to text.
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { FilePath(platformString: $0) }
            }
            guard let component = name.lastComponent, component.kind == .regular, !component.string.hasPrefix(".")
            else { continue }
            let path = folder.appending(component)
            var status = stat()
            // Links are not followed, because a link to a parent folder would make the search endless.
            guard path.withPlatformString({ lstat($0, &status) }) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                folders.append(path)
            } else if let fileExtension = component.extension, ImageFormat(fileExtension: fileExtension) != nil {
                files.append(path)
            }
        }
        closedir(stream)
        for folder in folders { files += try Self.files(below: folder) }
        return files.sorted { $0.string.utf8.lexicographicallyPrecedes($1.string.utf8) }
    }
}
