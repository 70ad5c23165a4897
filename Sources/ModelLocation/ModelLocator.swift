import Foundation
import Glibc
import SystemPackage

/// Finds the file of a model by the model's name.
///
/// The search order: `$SRGAN_MODELS`; `models` in the configuration's folder; the user's data folder; `models` and
/// `share/srgan/models` in each folder above the program, which covers both a build tree and an installation prefix.
public struct ModelLocator: Sendable {
    /// The model that is used if none is named.
    public static let defaultModel = "srgan-photo-x4"

    /// The shipped models that can be mixed with another one: the name of each, and that of its fidelity model.
    private static let fidelityModels = ["srgan-x4": "srresnet-x4"]

    /// The fidelity model of a perceptual one: both have the same network, and mixtures of their weights are models too.
    ///
    /// - Parameter model: A name or a path; the file's name counts.
    /// - Returns: The name of the fidelity model, or its path beside the perceptual one; nil if none is known.
    public static func fidelityModel(of model: String) -> String? {
        let path = FilePath(model)
        guard let stem = path.lastComponent?.stem, let fidelity = fidelityModels[stem] else { return nil }
        guard model.contains("/"), let ending = path.extension else { return fidelity }
        return path.removingLastComponent().appending("\(fidelity).\(ending)").string
    }

    /// The extensions of model files, the preferred one first. Files of the last kind cannot be read, but are found, so
    /// that the user learns why.
    private static let extensions = [".safetensors", ".pth", ".pt", ".onnx"]

    /// The folders to search, in order.
    public let folders: [FilePath]

    /// Collects the folders to search.
    ///
    /// - Parameters:
    ///   - configurationFolder: The folder of config.toml, if there is one.
    ///   - environment: The environment variables.
    ///   - program: The running program's real path.
    public init(
        configurationFolder: FilePath? = nil,
        environment: [String: String] = ProcessInfo.processInfo.environment,
        program: FilePath? = Self.runningProgram()
    ) {
        var folders: [FilePath] = []
        if let folder = environment["SRGAN_MODELS"], !folder.isEmpty {
            folders.append(FilePath(folder))
        }
        if let configurationFolder {
            folders.append(configurationFolder.appending("models"))
        }
        if let data = environment["XDG_DATA_HOME"], !data.isEmpty {
            folders.append(FilePath(data).appending("srgan/models"))
        } else if let home = environment["HOME"], !home.isEmpty {
            folders.append(FilePath(home).appending(".local/share/srgan/models"))
        }
        var ancestor = program?.removingLastComponent()
        while let folder = ancestor {
            folders.append(folder.appending("models"))
            folders.append(folder.appending("share/srgan/models"))
            ancestor = folder.lastComponent == nil ? nil : folder.removingLastComponent()
        }
        self.folders = folders
    }

    /// The real path of the running program.
    public static func runningProgram() -> FilePath? {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")).map { FilePath($0) }
    }

    /// Finds the file of a model.
    ///
    /// - Parameter model: A name without folder and extension, or a path. A text that contains a slash or ends in one
    ///   of the extensions is a path, which is returned unchanged and not checked.
    /// - Throws: `ModelNotFound`, with the models that exist and the folders that were searched.
    public func locate(_ model: String) throws(ModelNotFound) -> FilePath {
        if model.contains("/") || Self.extensions.contains(where: model.hasSuffix) { return FilePath(model) }
        for folder in folders {
            for ending in Self.extensions {
                let path = folder.appending(model + ending)
                if path.withPlatformString({ access($0, R_OK) }) == 0 { return path }
            }
        }
        throw ModelNotFound(model: model, known: models().map(\.name), folders: folders)
    }

    /// The models that `locate` finds by name, in alphabetical order.
    public func models() -> [(name: String, path: FilePath)] {
        var paths: [String: FilePath] = [:]
        for folder in folders {
            let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.string)) ?? []
            for ending in Self.extensions {
                for file in files where file.hasSuffix(ending) && !file.hasPrefix(".") {
                    let (name, path) = (String(file.dropLast(ending.count)), folder.appending(file))
                    // If there are several models of this name, `locate` takes the first one, so the list does too.
                    if paths[name] == nil, path.withPlatformString({ access($0, R_OK) }) == 0 { paths[name] = path }
                }
            }
        }
        return paths.map { (name: $0.key, path: $0.value) }.sorted { $0.name < $1.name }
    }
}
