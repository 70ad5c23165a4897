import Foundation
import SystemPackage

/// Finds model files by name or path; never looks inside further than their length.
struct ModelFinder {
    /// Folders in the order in which they are searched.
    let folders: [FilePath]
    /// What relative paths start at.
    let base: FilePath

    /// Looks where every program of the project looks: `$SRGAN_MODELS`, beside config.toml, the user's data folder,
    /// beside the program and its ancestors (a build tree's `models/`, an installation's `share/srgan/models`).
    init(configurationFolder: FilePath, environment: [String: String], executable: FilePath?) {
        base = configurationFolder
        var folders: [FilePath] = []
        if let extra = environment["SRGAN_MODELS"], !extra.isEmpty { folders.append(FilePath(extra)) }
        folders.append(configurationFolder.appending("models"))
        if let data = environment["XDG_DATA_HOME"], !data.isEmpty {
            folders.append(FilePath(data).appending("srgan").appending("models"))
        } else if let home = environment["HOME"], !home.isEmpty {
            folders.append(FilePath(home).pushing(".local/share/srgan/models"))
        }
        if var ancestor = executable?.removingLastComponent() {
            while true {
                folders.append(ancestor.appending("models"))
                folders.append(ancestor.pushing("share/srgan/models"))
                if !ancestor.removeLastComponent() { break }
            }
        }
        self.folders = folders
    }

    /// The file that a name or path means.
    ///
    /// - Throws: `DaemonError` with one sentence that names the model and where it was looked for.
    func find(_ model: String) throws -> FilePath {
        if model.contains("/") || model.hasSuffix(".safetensors") {
            let path = base.pushing(FilePath(model)).lexicallyNormalized()
            guard Self.exists(path) else {
                throw DaemonError(.configuration, "names the model file \(path.escaped), which does not exist.")
            }
            return path
        }
        for folder in folders {
            let path = folder.appending("\(model).safetensors")
            if Self.exists(path) { return path }
        }
        let searched = folders.prefix(4).map(\.escaped).joined(separator: ", ")
        throw DaemonError(
            .configuration, "names the model \"\(model)\", which is in none of \(searched) and further folders.")
    }

    /// The program's own file.
    static var executable: FilePath? {
        guard let real = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(real) }
        return FilePath(platformString: real)
    }

    private static func exists(_ path: FilePath) -> Bool { path.withPlatformString { access($0, F_OK) } == 0 }
}
