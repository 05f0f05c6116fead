package dev.patronus.store.maintenance;

import dev.patronus.audit.Actor;
import dev.patronus.audit.AuditEvent;
import dev.patronus.file.FileRights;
import dev.patronus.file.OutputTarget;
import dev.patronus.store.Database;
import dev.patronus.store.DatabaseOpener;
import dev.patronus.store.Migration;
import dev.patronus.store.SqliteErrors;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;

/// Makes a database from nothing: the tables of the newest platform and our own, in WAL.
public final class NewDatabase {
  private NewDatabase() {}

  /// Makes the file. It is there whole or not at all.
  ///
  /// @throws dev.patronus.error.UserError if the folder is missing, or the name is taken
  public static void make(Path file, Actor actor, Instant now) {
    try (DatabaseDraft made =
        DatabaseDraft.begin(
            file,
            new OutputTarget(""),
            FileRights.DATABASE,
            false,
            "'patronus db check' checks it")) {
      fill(made, actor, now);
      made.hold();
      made.publish();
    }
  }

  private static void fill(DatabaseDraft draft, Actor actor, Instant now) {
    try (Database database = DatabaseOpener.create(draft.path())) {
      database.execute("PRAGMA journal_mode = WAL");
      database.writeAsIs(
          actor,
          now,
          transaction -> {
            Migration.run(database, Migration.script("newest.sql"));
            Migration.apply(database);
            transaction.audit(
                new AuditEvent.DatabaseChange(AuditEvent.Type.DATABASE_INIT, Map.of()), true);
            return true;
          });
    } catch (SQLException e) {
      throw SqliteErrors.translate(draft.target(), e);
    }
  }
}
