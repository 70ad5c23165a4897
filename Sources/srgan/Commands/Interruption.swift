import Foundation
import LinuxSupport
import Synchronization

/// Handles SIGINT and SIGTERM during `srgan train`.
///
/// At first a signal ends the process at once. After `savesFirst`, the first signal is only recorded, so that the run
/// can save a checkpoint, and a second one ends the process at once.
///
/// `@unchecked Sendable`: `sources` does not change after `init`.
final class Interruption: @unchecked Sendable {
    private enum Phase {
        case loading, training, stopping
    }

    private let phase = Mutex(Phase.loading)
    private var sources: [any DispatchSourceSignal] = []

    init() {
        let queue = DispatchQueue(label: "interruption")
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { [weak self] in self?.request() }
            source.activate()
            sources.append(source)
        }
    }

    /// From now on the first signal is only recorded.
    func savesFirst() { phase.withLock { $0 = .training } }

    /// True if a signal asked to save a checkpoint and to stop.
    var isRequested: Bool { phase.withLock { $0 == .stopping } }

    private func request() {
        let before = phase.withLock { phase in
            defer { if phase == .training { phase = .stopping } }
            return phase
        }
        switch before {
        case .training:
            StandardError.write(line: "srgan: stopping after this step; a second signal stops at once.")
        case .loading:
            StandardError.write(line: "srgan: stopped before the first step.")
            _exit(75)
        case .stopping:
            StandardError.write(line: "srgan: stopped; --resume continues from the last checkpoint.")
            _exit(75)
        }
    }
}
