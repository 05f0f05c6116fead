package dev.patronus.cli.db;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.output.Answer;
import dev.patronus.store.maintenance.NewDatabase;
import java.nio.file.Path;

/// `patronus db init`: the only command that makes a database.
public final class DbInitCommand extends Command {
  private final Option<Path> file =
      argument(
          "FILE",
          "0..1",
          text -> Path.of(text),
          Completes.FILE,
          "the file (default: --db, PATRONUS_DB_PATH or the configuration)");

  public DbInitCommand() {
    super(
        "Creates an empty database in WAL mode with the tables of the newest platform"
            + " version. An existing file is never changed. No other command creates a"
            + " database.");
    example("db init", "at the default location");
    example("db init /srv/patronus/sdwan.db", "at another location");
  }

  @Override
  public Answer run(Invocation call) {
    Path made = file.given() ? file.get() : call.databaseFile();
    NewDatabase.make(made, call.actor(), call.now());
    return new Answer()
        .report()
        .outcome(true, "Created " + made + ", an empty database in WAL mode.")
        .member("file", made.toAbsolutePath().normalize().toString());
  }
}
