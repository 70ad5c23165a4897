import ArgumentParser
import EventHooks
import Glibc
import LinuxSupport
import ServiceConfiguration
import ServiceSupport

/// `srgan-notify run`, the default.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Deliver events until SIGTERM or SIGINT.")

    @OptionGroup var option: ConfigurationOption

    func run() throws {
        try ConfigurationOption.reporting {
            var signals = sigset_t()
            sigemptyset(&signals)
            for number in [SIGTERM, SIGINT] { sigaddset(&signals, number) }
            // Before the first thread starts, so that only `sigwait` receives these signals.
            pthread_sigmask(SIG_BLOCK, &signals, nil)
            signal(SIGPIPE, SIG_IGN)
            let configuration = try option.load()
            let logger = ServiceLog.logger("srgan-notify", level: ServiceLog.Level(configuration.log.level))
            let service = try HookService(configuration: configuration, logger: logger)
            let threads = try service.start()
            logger.notice("Delivering events to \(configuration.hooks.count) hooks.")
            var number: Int32 = 0
            sigwait(&signals, &number)
            logger.notice("Signal \(number): ending after the current attempts.")
            service.stop()
            for thread in threads { thread.join() }
        }
    }
}
