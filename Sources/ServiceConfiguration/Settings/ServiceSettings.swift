import ModelLocation
import SystemPackage

/// A configuration together with its models. All parts of the service use it.
package struct ServiceSettings: Sendable {
    /// An inbox with its model.
    package struct Inbox: Sendable {
        /// The inbox as configured.
        package let configuration: InboxConfiguration
        /// The inbox's model.
        package let model: ResolvedModel
    }

    /// The configuration that was read.
    package let configuration: Configuration
    /// The inboxes with their models, in the order of the file.
    package let inboxes: [Inbox]

    /// Opens the folders of the inboxes.
    package let folders: ConfiguredFolders

    /// Combines a configuration with its models, which are in the order of its inboxes.
    package init(configuration: Configuration, models: [ResolvedModel]) {
        self.configuration = configuration
        folders = ConfiguredFolders(configuration)
        inboxes = zip(configuration.inboxes, models).map { Inbox(configuration: $0, model: $1) }
    }

    /// Reads a configuration and finds its models.
    ///
    /// - judgingModels: true to ask the worker program whether it can use the models, as the service does before it
    ///   starts.
    /// - Throws: `DaemonError` with every mistake.
    package static func load(
        path: FilePath, environment: [String: String], judgingModels: Bool
    ) throws -> ServiceSettings {
        let configuration = try Configuration.load(path: path)
        let locator = ModelLocator(
            configurationFolder: configuration.file.removingLastComponent(), environment: environment)
        let judge = judgingModels ? ModelJudge(program: try WorkerProgram.find(configuration)) : nil
        return ServiceSettings(
            configuration: configuration,
            models: try ModelCatalog.resolve(configuration, locator: locator) { try judge?.check($0, texture: $1) })
    }

    /// The configured inbox with this path.
    package func inbox(_ path: FilePath) -> Inbox? { inboxes.first { $0.configuration.path == path } }

    /// All folders that the service writes to, for the check of free space.
    package var writtenFolders: [FilePath] {
        [configuration.stateFolder] + configuration.inboxes.map(\.outbox)
    }
}
