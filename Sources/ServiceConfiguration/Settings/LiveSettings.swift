import Synchronization

/// The settings in force; a reload replaces them as a whole.
package final class LiveSettings: Sendable {
    private let state: Mutex<(settings: ServiceSettings, generation: Int)>

    /// Creates the object with the first settings.
    package init(_ settings: ServiceSettings) {
        state = Mutex((settings, 0))
    }

    /// The settings in force.
    package var current: ServiceSettings { state.withLock { $0.settings } }

    /// The number of reloads so far.
    package var generation: Int { state.withLock { $0.generation } }

    /// Puts new settings in force and increases `generation`.
    package func replace(with settings: ServiceSettings) {
        state.withLock { $0 = (settings, $0.generation + 1) }
    }
}
