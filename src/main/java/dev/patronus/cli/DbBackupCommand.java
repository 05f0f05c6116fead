package dev.patronus.cli;

import dev.patronus.export.Answer;
import dev.patronus.export.Humane;
import dev.patronus.store.Backup;
import java.nio.file.Path;

/// `patronus db backup`: a consistent copy of the database while it is in use.
final class DbBackupCommand extends Subcommand {
  private final Opt<Path> file =
      argument("FILE", "1", text -> Path.of(text), Completes.FILE, "the copy");
  private final Opt<Boolean> force = flag("--force", "replace FILE if it is there already");

  DbBackupCommand() {
    super(
        "Copies the database while others read and write it, as it is at one instant, by SQLite's"
            + " backup interface. The copy is checked, and appears under its name only when it is"
            + " whole. Never copy the file of a database that is in use by other means.");
    example("db backup /srv/backup/sdwan-2026-11-23.db", "a copy of today");
    example("db backup --force /srv/backup/latest.db", "in place of the one before");
  }

  @Override
  protected Answer run(Call call) {
    Backup.Copy copy;
    try (Progress progress = Progress.of(call, "pages")) {
      copy = new Backup(call.database(), progress::at).to(file.get(), force.get());
    }
    return new Answer()
        .outcome(
            true, "Copied to " + copy.file() + ": " + Humane.bytes(copy.bytes()) + ", checked.")
        .member("file", copy.file().toAbsolutePath().normalize().toString())
        .member("bytes", copy.bytes())
        .member("journal_mode", copy.journalMode())
        .member("restarts", (long) copy.restarts());
  }
}
