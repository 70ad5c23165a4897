import ArgumentParser
import EventHooks
import Foundation
import JobPresentation
import LinuxSupport

/// `srgan-notify list`.
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show the deliveries that wait or were given up.")

    @OptionGroup var option: ConfigurationOption

    @Flag(help: "Print JSON; docs/cli.md describes every field.")
    var json = false

    func run() throws {
        try ConfigurationOption.reporting {
            let deliveries = try option.deliveries().all()
            if json {
                let lines = deliveries.map(Self.json)
                return StandardOutput.print(
                    JSONValue.object([("version", 1), ("deliveries", .lines(lines))]).text)
            }
            if deliveries.isEmpty { StandardOutput.print("No deliveries wait, and none was given up.") }
            for delivery in deliveries { StandardOutput.print(Self.line(delivery, now: Date())) }
        }
    }

    private static func line(_ delivery: Delivery, now: Date) -> String {
        let state =
            delivery.isDead
            ? "given up"
            : delivery.attempts == 0
                ? "waits" : "again at \(Quantity.time(delivery.dueAt, now: now, timeZone: .current))"
        let problem = delivery.problem.map { "  \(PlainText.clean($0))" } ?? ""
        return "\(delivery.hook)  event \(delivery.event)  \(delivery.kind)  job \(delivery.job)  \(state), "
            + "\(delivery.attempts) attempts failed\(problem)"
    }

    private static func json(_ delivery: Delivery) -> JSONValue {
        .object([
            ("hook", .string(delivery.hook)), ("event", JSONValue(delivery.event)), ("kind", .string(delivery.kind)),
            ("job_id", JSONValue(delivery.job)), ("given_up", .bool(delivery.isDead)),
            ("failed_attempts", JSONValue(delivery.attempts)), ("problem", JSONValue(delivery.problem)),
            ("due_at", JSONValue(delivery.attempts == 0 ? nil : Quantity.timestamp(delivery.dueAt))),
        ])
    }
}

/// `srgan-notify retry`.
struct RetryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Deliver again what was given up, with all attempts available.")

    @OptionGroup var option: ConfigurationOption

    @Option(help: ArgumentHelp("Only those of this hook.", valueName: "name"))
    var hook: String?

    func run() throws {
        try ConfigurationOption.reporting {
            let count = try option.deliveries().repeatDead(hook: hook)
            StandardOutput.print("\(count) deliveries are due again.")
        }
    }
}

/// `srgan-notify forget`.
struct ForgetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget", abstract: "Delete the deliveries that were given up.")

    @OptionGroup var option: ConfigurationOption

    @Option(help: ArgumentHelp("Only those of this hook.", valueName: "name"))
    var hook: String?

    func run() throws {
        try ConfigurationOption.reporting {
            let count = try option.deliveries().removeDead(hook: hook)
            StandardOutput.print("\(count) deliveries were deleted.")
        }
    }
}
