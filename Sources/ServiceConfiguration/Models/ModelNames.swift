import LinuxSupport
import ModelLocation
import SystemPackage

/// Finds the name of a model by its hash, which is all that a job stores about its model.
package final class ModelNames {
    private let configuration: Configuration?
    private let folder: FilePath
    private lazy var names = find()
    private typealias Named = (name: String, paths: [FilePath], texture: Double?)

    /// Prepares the search among the models of a configuration's inboxes and those that are found by name. Nothing is
    /// read before the first call of `name`.
    ///
    /// - configuration: nil if it has mistakes.
    /// - folder: the folder of the configuration file.
    package init(configuration: Configuration?, folder: FilePath) {
        self.configuration = configuration
        self.folder = folder
    }

    /// The name, or for a model that is configured by its path, the path; for a chain those of its models, separated by
    /// commas, for a mixture also its texture; nil if no present model has this hash.
    package func name(sha256: String) -> String? { names[sha256] }

    /// Hashes all models. An unreadable file has no name.
    private func find() -> [String: String] {
        let locator = ModelLocator(configurationFolder: folder)
        let configured = (configuration?.inboxes ?? []).compactMap { inbox -> Named? in
            let choice = inbox.modelChoice
            let paths = choice.files.compactMap { try? folder.pushing(locator.locate($0)) }
            guard paths.count == choice.files.count else { return nil }
            return (choice.name, paths, choice.mixedTexture)
        }
        let found = locator.models().map { (name: $0.name, paths: [$0.path], texture: nil as Double?) }
        return (configured + found).reduce(into: [:]) { names, model in
            guard let hashes = try? model.paths.map(RegularFile.sha256) else { return }
            let sha256 = ModelCombination(hashes: hashes, texture: model.texture).sha256
            if names[sha256] == nil { names[sha256] = model.name }
        }
    }
}
