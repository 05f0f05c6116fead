package dev.patronus.store.outbox;

import dev.patronus.audit.Actor;
import dev.patronus.store.Database;
import dev.patronus.store.Migration;
import dev.patronus.store.RowReader;
import dev.patronus.store.Transaction;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;

/// The tables `patronus_fleet`, `patronus_fleet_changes` and `patronus_fleet_objects`, and the
/// triggers that fill the second: what a hub has got, and what has changed since.
///
/// Confined to one thread. Each change is one short transaction.
public final class Outbox {
  private static final String TABLE = "patronus_fleet_objects"; // the last one that is made

  private static final int TRIGGERS = 14;
  private static final int FORGOTTEN_AT_ONCE = 5_000;

  private static final String COUNT_TRIGGERS =
      """
      SELECT count(*) FROM main.sqlite_master
      WHERE type = 'trigger' AND name LIKE 'patronus\\_fleet\\_%' ESCAPE '\\'
      """;

  private static final String NAMES =
      """
      SELECT name FROM main.sqlite_master
      WHERE type = 'trigger' AND name LIKE 'patronus\\_fleet\\_%' ESCAPE '\\'
      """;

  private static final RowReader<Long> NUMBER = row -> row.getLong(1);

  private final Database database;
  private final Actor actor;

  public Outbox(Database database, Actor actor) {
    this.database = database;
    this.actor = actor;
  }

  /// The tokens of the last batches.
  ///
  /// @param acknowledged of the one that the hub is known to have taken; empty for none
  /// @param pending of the one that was sent then; empty for none
  public record Tokens(String acknowledged, String pending) {
    /// Whether a hub with this token was sent to by this database.
    public boolean know(String token) {
      return !token.isEmpty() && (token.equals(acknowledged) || token.equals(pending));
    }
  }

  /// Makes the tables and triggers where they are missing; then changes may have been missed, and
  /// the tokens are forgotten.
  public void enable(Instant now) {
    if (database.schema().has(TABLE) && triggers() == TRIGGERS) {
      return;
    }
    boolean _ =
        database.writePart(
            actor,
            now,
            transaction -> {
              Migration.run(database, Migration.script("outbox/outbox.sql"));
              dropTriggers(transaction.connection());
              Migration.run(database, Migration.script("outbox/triggers.sql"));
              save(transaction.handle(), new Tokens("", ""));
              return true;
            });
    database.refresh();
  }

  private long triggers() {
    return database.read(connection -> NUMBER.first(connection, COUNT_TRIGGERS).orElseThrow());
  }

  /// Removes the triggers and what they have noted, because no hub is configured.
  public void disable(Instant now) {
    if (!database.schema().has(TABLE) || triggers() == 0) {
      return;
    }
    boolean _ =
        database.writePart(
            actor,
            now,
            transaction -> {
              dropTriggers(transaction.connection());
              transaction.handle().execute("DELETE FROM patronus_fleet_changes");
              transaction.handle().execute("DELETE FROM patronus_fleet_objects");
              save(transaction.handle(), new Tokens("", ""));
              return true;
            });
  }

  private static void dropTriggers(Connection connection) throws SQLException {
    RowReader<String> name = row -> row.getString(1);
    for (String trigger : name.list(connection, NAMES)) {
      try (PreparedStatement drop = connection.prepareStatement("DROP TRIGGER " + trigger)) {
        drop.executeUpdate();
      }
    }
  }

  public Tokens tokens() {
    RowReader<Tokens> tokens = row -> new Tokens(row.getString(1), row.getString(2));
    Optional<Tokens> found =
        database.read(connection ->
            tokens.first(connection, "SELECT acknowledged, pending FROM patronus_fleet"));
    return found.orElseGet(() -> new Tokens("", ""));
  }

  private static void save(Handle handle, Tokens tokens) {
    handle.execute(
        """
        INSERT INTO patronus_fleet (one, acknowledged, pending) VALUES (1, ?, ?)
        ON CONFLICT (one) DO UPDATE SET acknowledged = excluded.acknowledged,
          pending = excluded.pending
        """,
        tokens.acknowledged(),
        tokens.pending());
  }

  /// Notes that a batch will be sent, after it was read: a copy of the database that has its token
  /// has all of its rows, too. Forgets some of the changes that the hub has got.
  ///
  /// @param got the hub has changes up to this number
  public void sending(Tokens tokens, long got, Instant now) {
    boolean _ =
        database.writePart(
            actor,
            now,
            transaction -> {
              save(transaction.handle(), tokens);
              transaction
                  .handle()
                  .execute(
                      """
                      DELETE FROM patronus_fleet_changes WHERE seq IN (
                        SELECT seq FROM patronus_fleet_changes WHERE seq <= ? ORDER BY seq LIMIT ?)
                      """,
                      got,
                      FORGOTTEN_AT_ONCE);
              return true;
            });
  }

  /// The last rows of each table that a hub has got of another copy of this database, and that are
  /// here, too; empty where there is none.
  public record Shared(OptionalLong stat, OptionalLong metric, OptionalLong audit) {
    public static final Shared NONE =
        new Shared(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty());
  }

  /// Begins to note changes afresh, for a hub that gets all that there is.
  ///
  /// @param token by which the hub will be known
  /// @param rows what of the rows it has already
  /// @return the marks to begin with
  public Marks begin(String token, Shared rows, Instant now) {
    return database.writePart(
        actor,
        now,
        transaction -> {
          Handle handle = transaction.handle();
          long seq =
              NUMBER
                  .first(
                      transaction.connection(),
                      "SELECT seq FROM sqlite_sequence WHERE name = 'patronus_fleet_changes'")
                  .orElse(0L);
          handle.execute("DELETE FROM patronus_fleet_changes");
          handle.execute("DELETE FROM patronus_fleet_objects");
          save(handle, new Tokens("", token));
          return new Marks(
              seq,
              rows.stat().orElse(0),
              rows.metric().orElse(0),
              rows.audit().orElse(0),
              Long.MIN_VALUE,
              Marks.Base.begin(Marks.Part.FIVE_MINUTES));
        });
  }

  /// Notes which sites, policies and paths others have changed.
  public void notice(Instant now) {
    List<PlatformObjects.Changed> changed = database.readAtOnce(PlatformObjects::changed);
    if (!changed.isEmpty()) {
      boolean _ = database.writePart(actor, now, transaction -> note(transaction, changed));
    }
  }

  private static boolean note(Transaction transaction, List<PlatformObjects.Changed> changed) {
    Handle handle = transaction.handle();
    long second = transaction.now().getEpochSecond();
    for (PlatformObjects.Changed object : changed) {
      String kind = object.kind().word();
      if (object.digest() == 0) {
        handle.execute(
            "DELETE FROM patronus_fleet_objects WHERE kind = ? AND key = ?", kind, object.key());
      } else {
        handle.execute(
            "INSERT OR REPLACE INTO patronus_fleet_objects (kind, key, digest) VALUES (?, ?, ?)",
            kind,
            object.key(),
            object.digest());
      }
      handle.execute(
          "INSERT OR REPLACE INTO patronus_fleet_changes (kind, key, at) VALUES (?, ?, ?)",
          kind,
          object.key(),
          second);
    }
    return true;
  }

  /// The second from which on there are cells of 5 minutes.
  public long fiveMinutesFrom() {
    return from("SELECT five_minutes_from FROM patronus_rollup");
  }

  /// The same of hours.
  public long hoursFrom() {
    return from("SELECT hours_from FROM patronus_rollup");
  }

  private long from(String sql) {
    return database.read(connection -> NUMBER.first(connection, sql)).orElse(Long.MIN_VALUE);
  }
}
