import Foundation
import Testing

/// The manual pages list exactly the options that the programs have.
@Suite struct ManualTests {
    private struct Dump: Decodable {
        var command: Command
    }

    private struct Command: Decodable {
        var commandName: String
        var subcommands: [Command]?
        var arguments: [Argument]?
    }

    private struct Argument: Decodable {
        struct Name: Decodable {
            var kind: String
            var name: String
        }

        var shouldDisplay: Bool
        var names: [Name]?
    }

    /// The options of each command, by its words: `["model info": ["--json", "-v", ...]]`; "" is the program itself.
    private static func options(of program: String) throws -> [String: Set<String>] {
        let process = Process()
        process.executableURL = URL(filePath: DaemonHarness.program(program).string)
        process.arguments = ["--experimental-dump-help"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        var result: [String: Set<String>] = [:]
        func collect(_ command: Command, _ words: [String]) {
            let names = (command.arguments ?? []).filter(\.shouldDisplay).flatMap { $0.names ?? [] }
            result[words.joined(separator: " ")] = Set(names.map { ($0.kind == "long" ? "--" : "-") + $0.name })
            for child in command.subcommands ?? [] where child.commandName != "help" {
                collect(child, words + [child.commandName])
            }
        }
        collect(try JSONDecoder().decode(Dump.self, from: data).command, [])
        return result
    }

    /// The options that a page lists: the lines after `.TP`, by the heading of their `.SS`; "" is before the first one.
    private static func listed(in page: String) throws -> [String: Set<String>] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "man/\(page)")
        var result: [String: Set<String>] = [:]
        var section = ""
        var isTag = false
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            let text = line.replacing("\\-", with: "-")
            if line.hasPrefix(".SS ") {
                // The words before the first argument.
                section = text.dropFirst(4).split(separator: " ").prefix { $0.allSatisfy(\.isLowercase) }
                    .joined(separator: " ")
                result[section] = []
            } else if line.hasPrefix(".SH ") {
                section = ""
            } else if isTag {
                let names = text.matches(of: /(?:^|[ ",])(--?[a-z][a-z-]*)/).map { String($0.1) }
                result[section, default: []].formUnion(names)
            }
            isTag = line == ".TP"
        }
        return result
    }

    @Test(arguments: [
        ("srgan", "srgan.1"), ("srgan-jobs", "srgan-jobs.1"), ("srgan-notify", "srgan-notify.1"),
        ("srgand", "srgand.8"),
    ])
    func everyOptionIsListed(_ program: String, _ page: String) throws {
        let (options, pages) = (try Self.options(of: program), try Self.listed(in: page))
        let text = try Self.listed(in: page)[""] ?? []
        // The options that the page lists once for all commands.
        let common = text.union(["-h", "--help", "--version"])
        #expect(options.values.allSatisfy { !$0.isEmpty } && options[""] != nil)
        for (command, names) in options {
            let listed = pages[command] ?? []
            #expect(names.subtracting(listed).subtracting(common) == [], "\(program) \(command): not in \(page)")
            #expect(listed.subtracting(names).subtracting(common) == [], "\(program) \(command): does not exist")
        }
        // Each section is about a command.
        #expect(Set(pages.keys).subtracting(options.keys) == [])
    }
}
