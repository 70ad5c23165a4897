import Logging
import Synchronization

/// Logs the workers' sandbox when it is first reported, and again only when it has changed.
final class SandboxLog: Sendable {
    private let logger: Logger
    private let last = Mutex<SandboxSummary?>(nil)

    init(logger: Logger) {
        self.logger = logger
    }

    func note(_ summary: SandboxSummary) {
        let isNew = last.withLock { last in
            defer { last = summary }
            return last != summary
        }
        guard isNew else { return }
        logger.notice("Worker sandbox: \(summary.text).")
        if !summary.lacks.isEmpty {
            logger.warning("The worker sandbox lacks: \(summary.lacks.joined(separator: ", ")).")
        }
    }
}
