import LinuxSupport
import ModelLocation
import SystemPackage

/// Finds the name of a model by its hash, which is all that a job stores about its model.
package final class ModelNames {
    private let configuration: Configuration?
    private let folder: FilePath
    private lazy var names = find()

    /// Prepares the search among the models of a configuration's inboxes and those that are found by name. Nothing is
    /// read before the first call of `name`.
    ///
    /// - configuration: nil if it has mistakes.
    /// - folder: the folder of the configuration file.
    package init(configuration: Configuration?, folder: FilePath) {
        self.configuration = configuration
        self.folder = folder
    }

    /// The name, or for a model that is configured by its path, the path; nil if no present model has this hash.
    package func name(sha256: String) -> String? { names[sha256] }

    /// Hashes all models. An unreadable file has no name.
    private func find() -> [String: String] {
        let locator = ModelLocator(configurationFolder: folder)
        let configured = (configuration?.inboxes ?? []).compactMap { inbox in
            (try? locator.locate(inbox.model)).map { (name: inbox.model, path: folder.pushing($0)) }
        }
        return (configured + locator.models()).reduce(into: [:]) { names, model in
            guard let sha256 = try? RegularFile.sha256(model.path), names[sha256] == nil else { return }
            names[sha256] = model.name
        }
    }
}
