/// One immutable step of the database's schema: a file of this folder, carried inside the program.
///
/// The folder is a target of its own because SwiftPM embeds only files below a target's path, and the steps shall lie where
/// a person looks for them. A new step is a new file `vNNNN_name.sql`, a line in Package.swift and a line here; its
/// SHA-256 goes into `MigrationTests`.
public struct Migration: Sendable {
    /// The `user_version` that the step leads to.
    public let version: Int
    /// The file's name without its extension.
    public let name: String
    /// The file's text. It sets `user_version` itself, so that it also works in the `sqlite3` shell.
    public let sql: String

    /// Creates a step.
    public init(version: Int, name: String, sql: String) {
        self.version = version
        self.name = name
        self.sql = sql
    }

    /// Every step, oldest first.
    public static let all: [Migration] = [
        Migration(
            version: 1, name: "v0001_initial", sql: String(decoding: PackageResources.v0001_initial_sql, as: UTF8.self)),
        Migration(
            version: 2, name: "v0002_totals", sql: String(decoding: PackageResources.v0002_totals_sql, as: UTF8.self)),
        Migration(
            version: 3, name: "v0003_kernels", sql: String(decoding: PackageResources.v0003_kernels_sql, as: UTF8.self)),
        Migration(
            version: 4, name: "v0004_events", sql: String(decoding: PackageResources.v0004_events_sql, as: UTF8.self)),
    ]
}
