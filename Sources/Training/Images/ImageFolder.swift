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
            // A file name may be any bytes, so it is passed from readdir to open without a conversion to text.
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

    /// The folder's name, without the path to it.
    public var name: String { path.lexicallyNormalized().lastComponent?.string ?? path.string }

    /// Returns the file whose name without its extension is `stem`. If there is none, returns the file whose name is
    /// `stem` with "x4" appended, as in the dataset DIV2K.
    public func file(named stem: String) -> FilePath? {
        files.first { $0.stem == stem } ?? files.first { $0.stem == "\(stem)x4" }
    }
}
