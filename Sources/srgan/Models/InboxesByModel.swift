import Foundation
import Glibc
import LinuxSupport
import ModelLocation
import ServiceConfiguration
import SystemPackage

/// The inboxes of the daemon's configuration, to show which of them use a model.
struct InboxesByModel {
    /// The configuration's folder; nil without a configuration.
    let folder: FilePath?
    private let inboxes: [InboxConfiguration]

    /// Reads the configuration. One with mistakes is reported and not used; the default one need not exist.
    ///
    /// - Parameter named: The path from the command line; nil for `$SRGAN_CONFIG` or else the default.
    /// - Throws: `Failure` if the named configuration cannot be used.
    init(named: String?) throws {
        let variable = ProcessInfo.processInfo.environment["SRGAN_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        let path = (named ?? variable).map { FilePath($0) } ?? Configuration.defaultPath
        if named == nil, path.withPlatformString({ access($0, F_OK) }) != 0 {
            (folder, inboxes) = (nil, [])
            return
        }
        do {
            let configuration = try Configuration.load(path: path)
            (folder, inboxes) = (configuration.file.removingLastComponent(), configuration.inboxes)
        } catch let error as DaemonError {
            guard named == nil else {
                throw Failure(reason: .configuration, message: error.message, exitCode: error.exitCode)
            }
            let reason = error.mistakes.first.map { "\($0)" } ?? error.message
            StandardError.write(line: "srgan: note: The inboxes are not shown: \(ArgumentBytes.shown(reason))")
            (folder, inboxes) = (nil, [])
        }
    }

    /// The paths of the inboxes that use the model file.
    func paths(of model: FilePath, locator: ModelLocator) -> [FilePath] {
        guard let folder else { return [] }
        func absolute(_ path: FilePath) -> FilePath { folder.pushing(path).lexicallyNormalized() }
        return inboxes.filter { inbox in
            inbox.modelChoice.files.contains { (try? locator.locate($0)).map(absolute) == absolute(model) }
        }.map(\.path)
    }
}
