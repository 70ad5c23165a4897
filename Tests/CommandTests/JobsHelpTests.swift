import Foundation
import Testing

/// The help texts, compared literally: they are an interface.
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
        OVERVIEW: Show and change the queue of srgand.

        Works whether the daemon runs, stopped or was killed: reads the database at any
        time, and makes changes through the daemon, or directly if none runs.

        Exit status: 0 done, 1 failed, 2 some of several failed, 64 wrong usage, 69
        daemon not reachable, 74 standard output cannot be written, 75 try again later,
        78 bad configuration.

        USAGE: srgan-jobs [--config <file>] <subcommand>

        OPTIONS:
          --config <file>         The daemon's configuration. (default: $SRGAN_CONFIG,
                                  ./config.toml or /etc/srgan/config.toml)
          --version               Show the version.
          -h, --help              Show help information.

        SUBCOMMANDS:
          list, ls                Show the newest jobs, newest last.
          show                    Show everything about one job: model, settings, times
                                  per stage, tiles, memory, attempts, hashes, reason.
          add                     Queue files without dropping them into an inbox; they
                                  stay where they are.
          retry                   Queue failed or cancelled jobs again, with all
                                  attempts available.
          cancel                  Cancel waiting or running jobs; a running worker is
                                  killed.
          pause                   Start no more jobs until 'resume'. Running jobs
                                  finish; the pause survives restarts.
          resume                  Start jobs again after 'pause'.
          stats                   Show statistics over the whole history, and when the
                                  queue will be done.
          events                  Show what happened to the jobs, oldest first.
          prune                   Delete old jobs from the history; images stay where
                                  they are.
          wait                    Wait until jobs have ended.
          health                  Show whether the daemon is live, ready or stalled.
          backup                  Copy the queue's database, whether the daemon runs or
                                  not.

          See 'srgan-jobs help <subcommand>' for detailed help.
        """,
        "list": """
        OVERVIEW: Show the newest jobs, newest last.

        SIZE is the image's size before and after upscaling, TIME the time from the
        claim to the end, MPIXEL/S the input megapixels per second in that time, WHEN
        the time at which the job ended, else started, else was created. The last lines
        name the queue, and say when it will be done if this machine stays as fast as
        in its last jobs.

        USAGE: srgan-jobs list [--config <file>] [--json] [--state <state,...> ...] [--since <time>] [--name <text|pattern>] [--reason <reason>] [--inbox <folder>] [--limit <count>] [--watch] [--ignored]

        OPTIONS:
          --config <file>         The daemon's configuration. (default: $SRGAN_CONFIG,
                                  ./config.toml or /etc/srgan/config.toml)
          --json                  Print JSON; docs/cli.md describes every field.
          --state <state,...>     Only jobs in these states, separated by commas.
                                  (values: available, running, publishing, retryable,
                                  completed, failed, cancelled)
          --since <time>          Only jobs created since this time: 2h, 3d, today,
                                  2026-11-22, 2026-11-22T14:05Z.
          --name <text|pattern>   Only files with this text in their name or subfolder,
                                  or whose name matches a pattern: 'IMG_*.jpg'.
          --reason <reason>       Only jobs that failed for this reason. (values:
                                  empty, not_an_image, unsupported_format, truncated,
                                  corrupt, too_large, output_too_large,
                                  not_a_regular_file, unreadable, vanished,
                                  model_unusable, configuration, io_error, disk_full,
                                  out_of_memory, worker_crashed, worker_timed_out,
                                  numerical_error)
          --inbox <folder>        Only jobs of this inbox.
          --limit <count>         Show at most this many jobs, the newest; 0 for all.
                                  (default: 50)
          --watch                 Show the list again whenever it changes, until
                                  interrupted.
          --ignored               Show the files that stay in the inboxes because they
                                  are no images, instead of jobs.
          --version               Show the version.
          -h, --help              Show help information.
        """,
        "show": """
        OVERVIEW: Show everything about one job: model, settings, times per stage,
        tiles, memory, attempts, hashes, reason.

        USAGE: srgan-jobs show [--config <file>] [--json] <id>

        ARGUMENTS:
          <id>                    The job id.

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

        Prints one line per file: the job's id and the file. 'srgan-jobs wait' takes
        the ids. Of a folder, all files are added, except those that an inbox ignores;
        their outputs lie in the same subfolders of the outbox.

        USAGE: srgan-jobs add [--config <file>] [--json] [--inbox <folder>] <file> ...

        ARGUMENTS:
          <file>                  Files and folders.

        OPTIONS:
          --config <file>         The daemon's configuration. (default: $SRGAN_CONFIG,
                                  ./config.toml or /etc/srgan/config.toml)
          --json                  Print JSON; docs/cli.md describes every field.
          --inbox <folder>        Use the model, the settings and the outbox of this
                                  inbox. (default: the first inbox)
          --version               Show the version.
          -h, --help              Show help information.
        """,
        "retry": """
        OVERVIEW: Queue failed or cancelled jobs again, with all attempts available.

        USAGE: srgan-jobs retry [--config <file>] [--json] [<job> ...] [--all] [--state <state,...> ...] [--reason <reason>] [--yes]

        ARGUMENTS:
          <job>                   Job ids (7), ranges of ids (12-20), names of files or
                                  parts of them, patterns ('IMG_*.jpg').

        OPTIONS:
          --config <file>         The daemon's configuration. (default: $SRGAN_CONFIG,
                                  ./config.toml or /etc/srgan/config.toml)
          --json                  Print JSON; docs/cli.md describes every field.
          --all                   All jobs that the command can change.
          --state <state,...>     All jobs in these states, separated by commas.
                                  (values: available, running, publishing, retryable,
                                  completed, failed, cancelled)
          --reason <reason>       All jobs that failed for this reason. (values: empty,
                                  not_an_image, unsupported_format, truncated, corrupt,
                                  too_large, output_too_large, not_a_regular_file,
                                  unreadable, vanished, model_unusable, configuration,
                                  io_error, disk_full, out_of_memory, worker_crashed,
                                  worker_timed_out, numerical_error)
          -y, --yes               Do not ask before --all on a terminal.
          --version               Show the version.
          -h, --help              Show help information.
        """,
        "cancel": """
        OVERVIEW: Cancel waiting or running jobs; a running worker is killed.

        USAGE: srgan-jobs cancel [--config <file>] [--json] [<job> ...] [--all] [--state <state,...> ...] [--reason <reason>] [--yes]

        ARGUMENTS:
          <job>                   Job ids (7), ranges of ids (12-20), names of files or
                                  parts of them, patterns ('IMG_*.jpg').

        OPTIONS:
          --config <file>         The daemon's configuration. (default: $SRGAN_CONFIG,
                                  ./config.toml or /etc/srgan/config.toml)
          --json                  Print JSON; docs/cli.md describes every field.
          --all                   All jobs that the command can change.
          --state <state,...>     All jobs in these states, separated by commas.
                                  (values: available, running, publishing, retryable,
                                  completed, failed, cancelled)
          --reason <reason>       All jobs that failed for this reason. (values: empty,
                                  not_an_image, unsupported_format, truncated, corrupt,
                                  too_large, output_too_large, not_a_regular_file,
                                  unreadable, vanished, model_unusable, configuration,
                                  io_error, disk_full, out_of_memory, worker_crashed,
                                  worker_timed_out, numerical_error)
          -y, --yes               Do not ask before --all on a terminal.
          --version               Show the version.
          -h, --help              Show help information.
        """,
        "pause": """
        OVERVIEW: Start no more jobs until 'resume'. Running jobs finish; the pause
        survives restarts.

        USAGE: srgan-jobs pause [--config <file>] [--json]

        OPTIONS:
          --config <file>         The daemon's configuration. (default: $SRGAN_CONFIG,
                                  ./config.toml or /etc/srgan/config.toml)
          --json                  Print JSON; docs/cli.md describes every field.
          --version               Show the version.
          -h, --help              Show help information.
        """,
        "resume": """
        OVERVIEW: Start jobs again after 'pause'.

        USAGE: srgan-jobs resume [--config <file>] [--json]

        OPTIONS:
          --config <file>         The daemon's configuration. (default: $SRGAN_CONFIG,
                                  ./config.toml or /etc/srgan/config.toml)
          --json                  Print JSON; docs/cli.md describes every field.
          --version               Show the version.
          -h, --help              Show help information.
        """,
        "stats": """
        OVERVIEW: Show statistics over the whole history, and when the queue will be
        done.

        USAGE: srgan-jobs stats [--config <file>] [--json]

        OPTIONS:
          --config <file>         The daemon's configuration. (default: $SRGAN_CONFIG,
                                  ./config.toml or /etc/srgan/config.toml)
          --json                  Print JSON; docs/cli.md describes every field.
          --version               Show the version.
          -h, --help              Show help information.
        """,
        "prune": """
        OVERVIEW: Delete old jobs from the history; images stay where they are.

        USAGE: srgan-jobs prune [--config <file>] [--json] --older-than <time>

        OPTIONS:
          --config <file>         The daemon's configuration. (default: $SRGAN_CONFIG,
                                  ./config.toml or /etc/srgan/config.toml)
          --json                  Print JSON; docs/cli.md describes every field.
          --older-than <time>     Delete jobs that ended before this time: 30d, 12w,
                                  2026-11-22.
          --version               Show the version.
          -h, --help              Show help information.
        """,
        "wait": """
        OVERVIEW: Wait until jobs have ended.

        Exit status: 0 all completed, 1 none completed, 2 some did not complete, 69 no
        daemon runs to finish them, 75 timed out.

        USAGE: srgan-jobs wait [--config <file>] [--json] <id> ... [--timeout <duration>]

        ARGUMENTS:
          <id>                    The job ids.

        OPTIONS:
          --config <file>         The daemon's configuration. (default: $SRGAN_CONFIG,
                                  ./config.toml or /etc/srgan/config.toml)
          --json                  Print JSON; docs/cli.md describes every field.
          --timeout <duration>    Give up after this time: 90s, 15m, 2h.
          --version               Show the version.
          -h, --help              Show help information.
        """,
        "health": """
        OVERVIEW: Show whether the daemon is live, ready or stalled.

        Exit status: 0 ready, 1 stalled (a part of the daemon makes no progress, or it
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

        The file appears under its name once the copy is complete, checked and durable.
        docs/operations.md describes how to restore it.

        USAGE: srgan-jobs backup [--config <file>] [--json] [--force] <file>

        ARGUMENTS:
          <file>                  The copy.

        OPTIONS:
          --config <file>         The daemon's configuration. (default: $SRGAN_CONFIG,
                                  ./config.toml or /etc/srgan/config.toml)
          --json                  Print JSON; docs/cli.md describes every field.
          -f, --force             Replace FILE.
          --version               Show the version.
          -h, --help              Show help information.
        """,
    ]
}
