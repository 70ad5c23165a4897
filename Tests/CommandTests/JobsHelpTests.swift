import Foundation
import Testing

/// The help texts, word for word: they are an interface.
@Suite struct JobsHelpTests {
    @Test(arguments: texts.keys.sorted()) func help(_ command: String) throws {
        let arguments = (command.isEmpty ? [] : [command]) + ["--help"]
        let outcome = try JobsProgram.run(arguments, in: FileManager.default.temporaryDirectory)
        #expect(outcome.code == 0 && outcome.errors.isEmpty)
        #expect(outcome.output.trimmingCharacters(in: .newlines) == Self.texts[command])
    }

    /// By subcommand, at 80 columns.
    private static let texts = [
        "": """
        OVERVIEW: Show and steer the queue of srgand.

        Works with the daemon live, stopped or killed: reads the database at any time,
        and makes changes through the daemon, or by itself when none runs.

        Exit status: 0 done, 1 failed, 2 some of several failed, 64 wrong usage, 69
        daemon not reachable, 75 try again later, 78 bad configuration.

        USAGE: srgan-jobs [--config <file>] <subcommand>

        OPTIONS:
          --config <file>         The daemon's configuration. (default: $SRGAN_CONFIG,
                                  ./config.toml or /etc/srgan/config.toml)
          --version               Show the version.
          -h, --help              Show help information.

        SUBCOMMANDS:
          list                    Show the newest jobs, newest last.
          show                    Show all about one job: times per stage, tiles,
                                  memory, attempts, hashes, reason.
          add                     Queue files without dropping them into an inbox; they
                                  stay where they are.
          retry                   Queue failed or cancelled jobs again, with all their
                                  attempts.
          cancel                  Take jobs back that wait or run; a running worker is
                                  killed.
          pause                   Start no more jobs until 'resume'. Running ones
                                  finish; survives restarts.
          resume                  Start jobs again after 'pause'.
          stats                   Show numbers over the whole history.
          prune                   Forget jobs that ended long ago; images stay where
                                  they are.
          wait                    Wait until jobs have ended.
          health                  Tell whether the daemon is live, ready or stalled.
          backup                  Copy the queue's database, whether the daemon runs or
                                  not.

          See 'srgan-jobs help <subcommand>' for detailed help.
        """,
        "list": """
        OVERVIEW: Show the newest jobs, newest last.

        SIZE is the image's before and after, TIME runs from the claim to the end,
        MPIXEL/S are megapixels of input a second in that time, WHEN is when the job
        ended, was started, or came.

        USAGE: srgan-jobs list [--config <file>] [--json] [--state <state,...> ...] [--since <time>] [--limit <count>] [--watch]

        OPTIONS:
          --config <file>         The daemon's configuration. (default: $SRGAN_CONFIG,
                                  ./config.toml or /etc/srgan/config.toml)
          --json                  Print JSON; docs/cli.md describes every field.
          --state <state,...>     Only jobs in these states, separated by commas.
                                  (values: available, running, publishing, retryable,
                                  completed, failed, cancelled)
          --since <time>          Only jobs since then: 2h, 3d, today, 2026-11-22,
                                  2026-11-22T14:05Z.
          --limit <count>         At most so many jobs, the newest; 0 for all.
                                  (default: 50)
          --watch                 Show it again whenever something changes, until
                                  interrupted.
          --version               Show the version.
          -h, --help              Show help information.
        """,
        "show": """
        OVERVIEW: Show all about one job: times per stage, tiles, memory, attempts,
        hashes, reason.

        USAGE: srgan-jobs show [--config <file>] [--json] <id>

        ARGUMENTS:
          <id>                    The job's number.

        OPTIONS:
          --config <file>         The daemon's configuration. (default: $SRGAN_CONFIG,
                                  ./config.toml or /etc/srgan/config.toml)
          --json                  Print JSON; docs/cli.md describes every field.
          --version               Show the version.
          -h, --help              Show help information.
        """,
        "add": """
        OVERVIEW: Queue files without dropping them into an inbox; they stay where they
        are.

        Prints one line a file: the job's number and the file. 'srgan-jobs wait' takes
        the numbers.

        USAGE: srgan-jobs add [--config <file>] [--json] [--inbox <folder>] <file> ...

        ARGUMENTS:
          <file>                  The files.

        OPTIONS:
          --config <file>         The daemon's configuration. (default: $SRGAN_CONFIG,
                                  ./config.toml or /etc/srgan/config.toml)
          --json                  Print JSON; docs/cli.md describes every field.
          --inbox <folder>        Treat the files as those of this inbox: its model,
                                  its settings, its outbox. (default: the first inbox)
          --version               Show the version.
          -h, --help              Show help information.
        """,
        "retry": """
        OVERVIEW: Queue failed or cancelled jobs again, with all their attempts.

        USAGE: srgan-jobs retry [--config <file>] [--json] <id> ...

        ARGUMENTS:
          <id>                    The jobs' numbers.

        OPTIONS:
          --config <file>         The daemon's configuration. (default: $SRGAN_CONFIG,
                                  ./config.toml or /etc/srgan/config.toml)
          --json                  Print JSON; docs/cli.md describes every field.
          --version               Show the version.
          -h, --help              Show help information.
        """,
        "cancel": """
        OVERVIEW: Take jobs back that wait or run; a running worker is killed.

        USAGE: srgan-jobs cancel [--config <file>] [--json] <id> ...

        ARGUMENTS:
          <id>                    The jobs' numbers.

        OPTIONS:
          --config <file>         The daemon's configuration. (default: $SRGAN_CONFIG,
                                  ./config.toml or /etc/srgan/config.toml)
          --json                  Print JSON; docs/cli.md describes every field.
          --version               Show the version.
          -h, --help              Show help information.
        """,
        "pause": """
        OVERVIEW: Start no more jobs until 'resume'. Running ones finish; survives
        restarts.

        USAGE: srgan-jobs pause [--config <file>]

        OPTIONS:
          --config <file>         The daemon's configuration. (default: $SRGAN_CONFIG,
                                  ./config.toml or /etc/srgan/config.toml)
          --version               Show the version.
          -h, --help              Show help information.
        """,
        "resume": """
        OVERVIEW: Start jobs again after 'pause'.

        USAGE: srgan-jobs resume [--config <file>]

        OPTIONS:
          --config <file>         The daemon's configuration. (default: $SRGAN_CONFIG,
                                  ./config.toml or /etc/srgan/config.toml)
          --version               Show the version.
          -h, --help              Show help information.
        """,
        "stats": """
        OVERVIEW: Show numbers over the whole history.

        USAGE: srgan-jobs stats [--config <file>] [--json]

        OPTIONS:
          --config <file>         The daemon's configuration. (default: $SRGAN_CONFIG,
                                  ./config.toml or /etc/srgan/config.toml)
          --json                  Print JSON; docs/cli.md describes every field.
          --version               Show the version.
          -h, --help              Show help information.
        """,
        "prune": """
        OVERVIEW: Forget jobs that ended long ago; images stay where they are.

        USAGE: srgan-jobs prune [--config <file>] [--json] --older-than <time>

        OPTIONS:
          --config <file>         The daemon's configuration. (default: $SRGAN_CONFIG,
                                  ./config.toml or /etc/srgan/config.toml)
          --json                  Print JSON; docs/cli.md describes every field.
          --older-than <time>     Forget jobs that ended before this: 30d, 12w,
                                  2026-11-22.
          --version               Show the version.
          -h, --help              Show help information.
        """,
        "wait": """
        OVERVIEW: Wait until jobs have ended.

        Exit status: 0 all completed, 1 none did, 2 some of several did not, 69 no
        daemon runs that could finish them, 75 the time is over.

        USAGE: srgan-jobs wait [--config <file>] [--json] <id> ... [--timeout <duration>]

        ARGUMENTS:
          <id>                    The jobs' numbers.

        OPTIONS:
          --config <file>         The daemon's configuration. (default: $SRGAN_CONFIG,
                                  ./config.toml or /etc/srgan/config.toml)
          --json                  Print JSON; docs/cli.md describes every field.
          --timeout <duration>    Give up after this time: 90s, 15m, 2h.
          --version               Show the version.
          -h, --help              Show help information.
        """,
        "health": """
        OVERVIEW: Tell whether the daemon is live, ready or stalled.

        Exit status: 0 ready, 1 stalled (some part of the daemon stands still, or it
        does not answer), 69 not running, 75 starting or stopping.

        USAGE: srgan-jobs health [--config <file>] [--json]

        OPTIONS:
          --config <file>         The daemon's configuration. (default: $SRGAN_CONFIG,
                                  ./config.toml or /etc/srgan/config.toml)
          --json                  Print JSON; docs/cli.md describes every field.
          --version               Show the version.
          -h, --help              Show help information.
        """,
        "backup": """
        OVERVIEW: Copy the queue's database, whether the daemon runs or not.

        The file gets its name when the copy is whole, checked and durable.
        docs/operations.md tells how to go back to it.

        USAGE: srgan-jobs backup [--config <file>] [--json] [--force] <file>

        ARGUMENTS:
          <file>                  The copy.

        OPTIONS:
          --config <file>         The daemon's configuration. (default: $SRGAN_CONFIG,
                                  ./config.toml or /etc/srgan/config.toml)
          --json                  Print JSON; docs/cli.md describes every field.
          --force                 Replace FILE.
          --version               Show the version.
          -h, --help              Show help information.
        """,
    ]
}
