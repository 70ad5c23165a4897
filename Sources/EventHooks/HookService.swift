import CCurl
import Foundation
import JobPresentation
import JobQueue
import LinuxSupport
import Logging
import ServiceConfiguration
import SystemPackage

/// Reads the event log and delivers each event to the hooks that ask for its kind: one thread reads, and each hook has a
/// thread of its own, so a slow hook delays no other.
public final class HookService: Sendable {
    private let configuration: Configuration
    private let stateFolder: FilePath
    private let hooks: [HookConfiguration]
    private let store: DeliveryStore
    private let lock: StateLock
    private let logger: Logger
    private let isStopping = Monitor(false)

    /// The delay after the first failed attempt of a delivery, seconds; doubled after each further one.
    private static let firstDelay = 5.0
    /// The longest delay between two attempts of a delivery, seconds.
    private static let longestDelay = 3600.0
    /// The longest pause of a hook after failed attempts, seconds. A receiver that is away thereby costs few attempts of
    /// the many deliveries that wait for it.
    private static let longestPause = 60.0

    /// Takes the lock of the program's folder and opens its deliveries.
    ///
    /// - Throws: `HookError`; `JobStoreError` stateLocked if another process delivers.
    package init(configuration: Configuration, logger: Logger) throws {
        self.configuration = configuration
        stateFolder = configuration.stateFolder
        hooks = configuration.hooks
        self.logger = logger
        store = try DeliveryStore(directory: configuration.notify.directory)
        lock = try StateLock(directory: configuration.notify.directory, version: ProgramVersion.current)
        let count = try store.giveUp(exceptHooks: hooks.map(\.name))
        if count > 0 { logger.warning("Gave up \(count) deliveries of hooks that are no longer configured.") }
    }

    /// Starts the threads.
    ///
    /// - Throws: `Errno` if the system has no thread left.
    public func start() throws(Errno) -> [NamedThread] {
        ccurl_initialise()
        var threads = [try NamedThread(name: "events") { self.readEvents() }]
        for hook in hooks { threads.append(try NamedThread(name: "hook") { self.deliver(to: hook) }) }
        return threads
    }

    /// Ends the threads after their current attempts.
    public func stop() { isStopping.change { $0 = true } }

    private func wait(_ seconds: Double) -> Bool {
        isStopping.wait(until: Monotonic.now + seconds) { $0 ? true : nil } ?? false
    }

    // MARK: Reading

    private func readEvents() {
        var known: String?
        let models = ModelNames(
            configuration: configuration, folder: configuration.file.removingLastComponent())
        repeat {
            do {
                while try readBatch(models), !isStopping.withLock({ $0 }) {}
                if known != nil { logger.notice("The event log can be read again.") }
                known = nil
            } catch {
                if known != "\(error)" { logger.warning("The event log cannot be read: \(error) Trying again.") }
                known = "\(error)"
            }
        } while !wait(known == nil ? 0.5 : 5)
    }

    /// Stores the deliveries of the next events; false if there were none.
    private func readBatch(_ models: ModelNames) throws -> Bool {
        guard let position = try store.position() else {
            // The first start begins with the events that happen from now on.
            try store.store([], position: JobHistory(directory: stateFolder).eventRange().last)
            return false
        }
        var cursor = EventCursor(directory: stateFolder, after: position)
        let (events, gap, history) = try cursor.next(limit: 500)
        switch gap {
        case .deleted(let ids):
            logger.error(
                "The events \(ids.lowerBound) to \(ids.upperBound) were deleted before they were read; [events] keep_days keeps them longer."
            )
        case .restored(let last):
            logger.error("The queue was restored from a backup or made anew; its log ends at event \(last).")
        case nil: break
        }
        guard !events.isEmpty || gap != nil else { return false }
        var deliveries: [Delivery] = []
        for event in events {
            let asking = hooks.filter { $0.kinds.contains { $0.rawValue == event.kind.rawValue } }
            guard !asking.isEmpty else { continue }
            let job = try history.job(id: event.jobID).map {
                JobFields(job: $0, now: event.time, modelName: models.name(sha256: $0.input.modelSHA256))
            }
            let body = EventFields(event: event).json(job: job).text
            deliveries += asking.map {
                Delivery(
                    hook: $0.name, event: event.id, kind: event.kind.rawValue, job: event.jobID, body: body,
                    attempts: 0,
                    dueAt: .distantPast, problem: nil, isDead: false)
            }
        }
        try store.store(deliveries, position: cursor.last)
        return !events.isEmpty
    }

    // MARK: Delivering

    private func deliver(to hook: HookConfiguration) {
        var failures = 0
        while true {
            var pause = 0.5
            do {
                if let delivery = try store.next(hook: hook.name, now: Date()) {
                    failures = try attempt(delivery, hook) ? 0 : failures + 1
                    pause = failures == 0 ? 0 : min(Self.longestPause, 0.5 * pow(2, Double(min(failures, 10))))
                }
            } catch {
                logger.error("Hook \(hook.name): the deliveries cannot be read or written: \(error)")
                pause = 5
            }
            if wait(pause) { return }
        }
    }

    /// Makes one attempt and stores its result; returns whether it succeeded.
    private func attempt(_ delivery: Delivery, _ hook: HookConfiguration) throws -> Bool {
        do {
            switch hook.action {
            case .command(let words):
                let logger = logger
                try CommandHook(words: words, timeoutSeconds: hook.timeoutSeconds) { line in
                    logger.info("Hook \(hook.name): \(line)")
                }.run(delivery)
            case .webhook(let url):
                try Webhook(url: url, secretFile: hook.secretFile, timeoutSeconds: hook.timeoutSeconds)
                    .send(delivery, now: Date())
            }
        } catch {
            try store.update(
                Self.failed(delivery, error.description, hook, now: Date(), random: .random(in: 0.8..<1.2)))
            let isLast = delivery.attempts + 1 >= hook.maxAttempts
            let end = isLast ? " It was the last of \(hook.maxAttempts) attempts; srgan-notify list shows it." : ""
            logger.log(
                level: isLast ? .error : .warning,
                "Hook \(hook.name): event \(delivery.event) (\(delivery.kind), job \(delivery.job)) was not delivered: \(error.description)\(end)"
            )
            return false
        }
        try store.remove(delivery)
        logger.debug("Hook \(hook.name): event \(delivery.event) was delivered.")
        return true
    }

    /// The delivery after a failed attempt.
    static func failed(
        _ delivery: Delivery, _ problem: String, _ hook: HookConfiguration, now: Date, random: Double
    ) -> Delivery {
        var result = delivery
        result.attempts += 1
        result.problem = problem
        result.isDead = result.attempts >= hook.maxAttempts
        let delay = min(longestDelay, firstDelay * pow(2, Double(min(result.attempts, 20) - 1)))
        result.dueAt = now + delay * random
        return result
    }
}
