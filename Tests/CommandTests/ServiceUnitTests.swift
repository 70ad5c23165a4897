import Foundation
import Testing

/// The commands of the systemd unit, run as systemd runs them.
@Suite struct ServiceUnitTests {
    /// The words of each `ExecReload=` line, with the paths of a built program and of a test's configuration.
    private func reloadCommands(_ daemon: DaemonHarness) throws -> [[String]] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "systemd/srgand.service")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            .filter { $0.hasPrefix("ExecReload=") }
            .map { line in
                line.dropFirst("ExecReload=".count).replacing(
                    "@PREFIX@/bin/srgand", with: DaemonHarness.program("srgand").string
                )
                .replacing("@SYSCONFDIR@/srgan/config.toml", with: daemon.configurationPath.string)
                .split(separator: " ").map(String.init)
            }
    }

    @Test func aReloadOfARejectedConfigurationFails() throws {
        let daemon = try DaemonHarness()
        let commands = try reloadCommands(daemon)
        #expect(commands.count == 2 && commands[1] == ["kill", "-HUP", "$MAINPID"])
        func run() throws -> (status: Int32, errors: String) {
            let process = Process()
            process.executableURL = URL(filePath: commands[0][0])
            process.arguments = Array(commands[0].dropFirst())
            let errors = Pipe()
            process.standardError = errors
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            let data = errors.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return (process.terminationStatus, String(decoding: data, as: UTF8.self))
        }
        let good = try run()
        #expect(good == (0, ""))
        try daemon.configure(
            "[state]\ndirectory = \"state\"\n[[inbox]]\npath = \"in\"\noutbox = \"out\"\nformat = \"bmp\"\nquality = 0\n"
        )
        let bad = try run()
        #expect(bad.status == 78)
        #expect(bad.errors.contains("config.toml:6: inbox[1].format: ") && bad.errors.contains("config.toml:7: "))
    }
}
