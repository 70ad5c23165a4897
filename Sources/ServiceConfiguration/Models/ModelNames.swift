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

    /// The name, or for a model that is configured by its path, the path; for a chain those of its models, separated by
    /// commas; nil if no present model has this hash.
    package func name(sha256: String) -> String? { names[sha256] }

    /// Hashes all models. An unreadable file has no name.
    private func find() -> [String: String] {
        let locator = ModelLocator(configurationFolder: folder)
        let configured = (configuration?.inboxes ?? []).compactMap { inbox -> (name: String, paths: [FilePath])? in
            let paths = inbox.models.compactMap { try? folder.pushing(locator.locate($0)) }
            return paths.count == inbox.models.count ? (inbox.models.joined(separator: ","), paths) : nil
        }
        let found = locator.models().map { (name: $0.name, paths: [$0.path]) }
        return (configured + found).reduce(into: [:]) { names, model in
            guard let hashes = try? model.paths.map(RegularFile.sha256) else { return }
            let sha256 = ModelChain.sha256(of: hashes)
            if names[sha256] == nil { names[sha256] = model.name }
        }
    }
}
