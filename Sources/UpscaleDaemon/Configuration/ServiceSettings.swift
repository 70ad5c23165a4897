import ModelLocation
import Synchronization
import SystemPackage

/// A configuration together with its models. All parts of the service use it.
struct ServiceSettings: Sendable {
    /// An inbox with its model.
    struct Inbox: Sendable {
        let configuration: InboxConfiguration
        let model: ResolvedModel
    }

    let configuration: Configuration
    let inboxes: [Inbox]

    init(configuration: Configuration, models: [ResolvedModel]) {
        self.configuration = configuration
        inboxes = zip(configuration.inboxes, models).map { Inbox(configuration: $0, model: $1) }
    }

    /// Reads a configuration and finds its models.
    ///
    /// - judgingModels: true to ask the worker program whether it can use them, as the service does before it starts.
    /// - Throws: `DaemonError` with every mistake.
    static func load(
        path: FilePath, environment: [String: String], judgingModels: Bool
    ) throws -> ServiceSettings {
        let configuration = try Configuration.load(path: path)
        let locator = ModelLocator(
            configurationFolder: configuration.file.removingLastComponent(), environment: environment)
        let judge = judgingModels ? ModelJudge(program: try WorkerProgram.find(configuration)) : nil
        return ServiceSettings(
            configuration: configuration,
            models: try ModelCatalog.resolve(configuration, locator: locator) { try judge?.check($0) })
    }

    /// The configured inbox with this path.
    func inbox(_ path: FilePath) -> Inbox? { inboxes.first { $0.configuration.path == path } }

    /// All folders that the service writes to, for the check of free space.
    var writtenFolders: [FilePath] {
        [configuration.stateFolder] + configuration.inboxes.map(\.outbox)
    }
}

/// The current settings. A reload replaces them as a whole.
final class LiveSettings: Sendable {
    private let state: Mutex<(settings: ServiceSettings, generation: Int)>

    init(_ settings: ServiceSettings) {
        state = Mutex((settings, 0))
    }

    /// The current settings.
    var current: ServiceSettings { state.withLock { $0.settings } }

    /// Increases with each reload.
    var generation: Int { state.withLock { $0.generation } }

    func replace(with settings: ServiceSettings) {
        state.withLock { $0 = (settings, $0.generation + 1) }
    }
}
