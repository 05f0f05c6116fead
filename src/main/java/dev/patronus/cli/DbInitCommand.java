package dev.patronus.cli;

import dev.patronus.export.Answer;
import dev.patronus.store.NewDatabase;
import java.nio.file.Path;

/// `patronus db init`: the only command that makes a database.
final class DbInitCommand extends Subcommand {
  private final Opt<Path> file =
      argument(
          "FILE",
          "0..1",
          text -> Path.of(text),
          Completes.FILE,
          "where; else what --db, PATRONUS_DB_PATH or the configuration say");

  DbInitCommand() {
    super(
        "Makes an empty database with the tables of the newest platform, in WAL. A file that exists"
            + " already is never touched. No other command makes a database.");
    example("db init", "at the usual place");
    example("db init /srv/patronus/sdwan.db", "somewhere else");
  }

  @Override
  protected Answer run(Call call) {
    Path made = file.given() ? file.get() : call.databaseFile();
    NewDatabase.make(made, call.actor(), call.now());
    return new Answer()
        .outcome(true, "Made " + made + ", an empty database in WAL.")
        .member("file", made.toAbsolutePath().normalize().toString());
  }
}
