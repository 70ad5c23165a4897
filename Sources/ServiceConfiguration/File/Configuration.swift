import ConfigurationFile
import Foundation
import LinuxSupport
import SystemPackage

/// The contents of config.toml, checked and with all defaults filled in.
package struct Configuration: Sendable, Equatable {
    /// The absolute path of the file that was read.
    package var file: FilePath
    /// `[state] directory`: the folder of the database, the lock, the control socket and the private copies.
    package var stateFolder: FilePath
    /// Every `[[inbox]]`, in the file's order; at least one.
    package var inboxes: [InboxConfiguration]
    /// `[workers]`.
    package var workers: Workers
    /// `[upscale]`.
    package var upscale: Upscale
    /// `[limits]`.
    package var limits: Limits
    /// `[retry]`.
    package var retry: Retry
    /// `[events]`.
    package var events: Events
    /// Every `[[hook]]`, in the file's order.
    package var hooks: [HookConfiguration]
    /// `[notify]`.
    package var notify: Notify
    /// `[metrics]`.
    package var metrics: Metrics
    /// `[log]`.
    package var log: Log
    /// `[service]`.
    package var service: Service

    /// Reads and checks a file.
    ///
    /// - Throws: `DaemonError` with code `.configuration` and all mistakes that were found.
    package static func load(path: FilePath) throws -> Configuration {
        let text: String
        do {
            text = try String(decoding: RegularFile.read(path, limit: 1 << 20), as: UTF8.self)
        } catch let error as FileError {
            if error.isPassing { throw DaemonError(.passing, error.message) }
            throw DaemonError(mistakes: [
                ConfigurationMistake(file: path.escaped, line: nil, key: "", problem: error.message)
            ])
        }
        return try parse(text, path: path)
    }

    /// Parses and checks a configuration. Mistakes name the file by `path`; relative paths in the text are relative to
    /// the folder of that file.
    package static func parse(_ text: String, path: FilePath) throws -> Configuration {
        let file = absolute(path)
        let top: ConfigurationTable
        do {
            top = try ConfigurationTable(text: text, file: path.escaped)
        } catch {
            throw DaemonError(mistakes: error.mistakes)
        }
        let mistakes = top.mistakes
        let base = file.removingLastComponent()
        let state = top.table("state")
        let stateFolder = state.requiredPath("directory", example: "/var/lib/srgan", base: base)
        state.finish()
        let tables = top.tables("inbox")
        let inboxes = tables.map { InboxConfiguration($0, base: base) }
        if tables.isEmpty, !top.has("inbox") {
            mistakes.add("inbox", "is missing; at least one [[inbox]] with path and outbox is needed.")
        }
        let configuration = Configuration(
            file: file,
            stateFolder: stateFolder ?? base,
            inboxes: inboxes.compactMap(\.self),
            workers: Workers(top.table("workers"), base: base),
            upscale: Upscale(top.table("upscale")),
            limits: Limits(top.table("limits")),
            retry: Retry(top.table("retry")),
            events: Events(top.table("events")),
            hooks: HookConfiguration.read(top.tables("hook"), base: base),
            notify: Notify(top.table("notify"), base: base, stateFolder: stateFolder ?? base),
            metrics: Metrics(top.table("metrics"), base: base),
            log: Log(top.table("log")),
            service: Service(top.table("service")))
        top.finish()
        ConfigurationFolders.check(
            stateFolder: stateFolder, inboxes: inboxes, mistakes: mistakes)
        guard mistakes.all.isEmpty else { throw DaemonError(mistakes: mistakes.sorted) }
        return configuration
    }

    /// The path of the configuration file for a program that is given none: `./config.toml` if it can be read, else
    /// `/etc/srgan/config.toml`.
    package static var defaultPath: FilePath {
        access("config.toml", R_OK) == 0 ? "config.toml" : "/etc/srgan/config.toml"
    }

    static func absolute(_ path: FilePath) -> FilePath {
        guard path.isRelative else { return path.lexicallyNormalized() }
        guard let current = getcwd(nil, 0) else { return path }
        defer { free(current) }
        return FilePath(platformString: current).pushing(path).lexicallyNormalized()
    }
}
