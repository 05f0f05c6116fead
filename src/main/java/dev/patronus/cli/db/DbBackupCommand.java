package dev.patronus.cli.db;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.command.ProgressLine;
import dev.patronus.cli.option.OutputFileOption;
import dev.patronus.output.Answer;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.store.maintenance.Backup;
import java.nio.file.Path;

/// `patronus db backup`: a consistent copy of the database while it is in use.
public final class DbBackupCommand extends Command {
  private final Option<Path> file =
      argument(
          "FILE",
          "1",
          text -> Path.of(text),
          Completes.FILE,
          "the copy; " + OutputFileOption.CONVERSIONS.replace("%", "%%"));
  private final Option<Boolean> force = flag("--force", "replace FILE if it is an earlier copy");

  public DbBackupCommand() {
    super(
        "Makes a consistent copy of the database with SQLite's backup interface while"
            + " other programs use it. The copy is verified and gets its name only when it"
            + " is complete. Do not copy the file of a database in use by any other means.",
        "To go back to a copy: stop the daemon and the platform, remove the database's -wal and -shm"
            + " files ('rm -f sdwan.db-wal sdwan.db-shm'), put the copy in its place with 'cp"
            + " FILE sdwan.db', which keeps the owner and mode of the database, and start both. The"
            + " counters continue at the last snapshot in the copy.");
    example("db backup /srv/backup/sdwan-%F.db", "a backup named by the date (in a crontab \\%F)");
    example("db backup --force /srv/backup/latest.db", "replace the previous backup");
  }

  @Override
  public Answer run(Invocation call) {
    Backup.Copy copy;
    try (ProgressLine progress = ProgressLine.of(call, "pages")) {
      copy =
          new Backup(call.database(), progress::at)
              .to(OutputFileOption.expanded(file.get(), "FILE", call.now()), force.get());
    }
    return new Answer()
        .report()
        .outcome(
            true,
            "Copied to " + copy.file() + ": " + HumanFormat.bytes(copy.bytes()) + ", checked.")
        .member("file", copy.file().toAbsolutePath().normalize().toString())
        .member("bytes", copy.bytes())
        .member("journal_mode", copy.journalMode())
        .member("restarts", (long) copy.restarts())
        .note("'patronus db backup --help' says how to go back to it.");
  }
}
