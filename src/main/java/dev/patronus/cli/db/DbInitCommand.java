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
          "where; else what --db, PATRONUS_DB_PATH or the configuration say");

  public DbInitCommand() {
    super(
        "Makes an empty database with the tables of the newest platform, in WAL. A file that exists"
            + " already is never touched. No other command makes a database.");
    example("db init", "at the usual place");
    example("db init /srv/patronus/sdwan.db", "somewhere else");
  }

  @Override
  public Answer run(Invocation call) {
    Path made = file.given() ? file.get() : call.databaseFile();
    NewDatabase.make(made, call.actor(), call.now());
    return new Answer()
        .outcome(true, "Made " + made + ", an empty database in WAL.")
        .member("file", made.toAbsolutePath().normalize().toString());
  }
}
