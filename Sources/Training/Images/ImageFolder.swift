import Glibc
import Imaging
import SystemPackage

/// The images of a folder, in the order of their names.
public struct ImageFolder: Sendable {
    /// The folder.
    public let path: FilePath
    /// The files whose extension is that of a readable format.
    public let files: [FilePath]

    /// Lists a folder without its subfolders; names that begin with a dot are left out.
    ///
    /// - Throws: `noImages`, naming the folder.
    public init(_ path: FilePath) throws(TrainingError) {
        guard let folder = path.withPlatformString({ opendir($0) }) else {
            throw TrainingError(.noImages, "\(path) cannot be listed: \(String(cString: strerror(errno))).")
        }
        defer { closedir(folder) }
        var files: [FilePath] = []
        while let entry = readdir(folder) {
            // File names are bytes: they go from readdir to open without a conversion to text.
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { FilePath(platformString: $0) }
            }
            guard let component = name.lastComponent, !component.string.hasPrefix("."),
                let fileExtension = component.extension, ImageFormat(fileExtension: fileExtension) != nil
            else { continue }
            files.append(path.appending(component))
        }
        guard !files.isEmpty else { throw TrainingError(.noImages, "\(path) holds no image.") }
        self.path = path
        self.files = files.sorted { $0.string < $1.string }
    }

    /// The folder's own name.
    public var name: String { path.lexicallyNormalized().lastComponent?.string ?? path.string }

    /// Returns the file with this name and any extension. A file named like this with "x4" appended, as in DIV2K, also
    /// matches.
    public func file(named stem: String) -> FilePath? {
        files.first { $0.stem == stem } ?? files.first { $0.stem == "\(stem)x4" }
    }
}
