import ConfigurationFile
import LinuxSupport
import SystemPackage

/// One `[[hook]]`: a program or a web server that learns what happens to the jobs.
package struct HookConfiguration: Sendable, Equatable {
    /// The kinds of events, as `JobEvent.Kind` of the queue.
    package enum Kind: String, Sendable, CaseIterable {
        case created, refused, started, postponed, completed, failed, cancelled, retried
    }

    /// What is done for each event.
    package enum Action: Sendable, Equatable {
        /// Runs a program with these arguments. The first word is the program's absolute path.
        case command([String])
        /// Sends an HTTP POST request to this URL.
        case webhook(url: String)
    }

    /// The hook's name, unique in the file: it identifies the hook's deliveries across restarts.
    package var name: String
    /// The kinds of events that are delivered.
    package var kinds: Set<Kind>
    /// What is done for each event.
    package var action: Action
    /// The file with the key of the requests' signatures; nil: they are not signed.
    package var secretFile: FilePath?
    /// The longest time of one attempt, seconds.
    package var timeoutSeconds: Double
    /// After this number of failed attempts a delivery is given up.
    package var maxAttempts: Int

    /// Reads all hooks of a file, and adds their mistakes to those of the file.
    package static func read(_ tables: [ConfigurationTable], base: FilePath) -> [HookConfiguration] {
        var names: Set<String> = []
        return tables.compactMap { table in
            let hook = HookConfiguration(table, base: base)
            if let hook, !names.insert(hook.name).inserted {
                table.add("name", "is \"\(hook.name)\", as in another hook; each hook needs a name of its own.")
            }
            return hook
        }
    }

    private init?(_ table: ConfigurationTable, base: FilePath) {
        let name = table.requiredString("name", example: "catalogue")
        kinds = Set(table.choices("on", Kind.self) ?? [.completed, .failed])
        secretFile = table.path("secret_file", base: base)
        timeoutSeconds = table.seconds("timeout_seconds", in: 1...3600) ?? 30
        maxAttempts = table.integer("max_attempts", in: 1...1000) ?? 20
        let command = table.strings("command")
        let url = table.string("url")
        if let command, !(command.first ?? "").hasPrefix("/") {
            table.add("command", "must begin with the absolute path of a program, such as \"/usr/local/bin/notify\".")
        }
        if let url, !["http://", "https://"].contains(where: url.lowercased().hasPrefix) {
            table.add("url", "must begin with https:// or http://, but is \"\(url)\".")
        }
        if secretFile != nil, url == nil { table.add("secret_file", "has no effect without url.") }
        if (command == nil) == (url == nil) { table.add("command", "or url is needed, and only one of them.") }
        table.finish()
        guard let name, let action = url.map(Action.webhook) ?? command.map(Action.command) else { return nil }
        self.name = name
        self.action = action
    }
}
