package dev.patronus.store.guard;

import dev.patronus.audit.Actor;
import dev.patronus.audit.AuditEvent;
import dev.patronus.json.Json;
import dev.patronus.site.GuardLevel;
import dev.patronus.store.Database;
import dev.patronus.store.Migration;
import dev.patronus.store.RowReader;
import dev.patronus.store.Transaction;
import dev.patronus.store.guard.Guard.State;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/// `patronus_guards` and the triggers that are the guards.
///
/// Confined to the database's thread.
public final class Guards {
  /// The table that the migration makes, with the guards of the default level.
  public static final String TABLE = "patronus_guards";

  private static final String ARCHIVE = "patronus_guard_archive";
  private static final String POLICY_DELETE = "patronus_policy_delete";

  private static final String TRIGGERS =
      """
      SELECT name, sql FROM main.sqlite_master
      WHERE type = 'trigger' AND name LIKE 'patronus\\_%' ESCAPE '\\'
        AND name NOT LIKE 'patronus\\_fleet\\_%' ESCAPE '\\'
      ORDER BY name
      """;

  private final Database database;

  public Guards(Database database) {
    this.database = database;
  }

  /// Whether guards were ever made or refused in this database.
  public boolean areKnown() {
    return database.schema().has(TABLE);
  }

  /// The level that was last made in this database; the default where none was.
  public GuardLevel level() {
    return areKnown() ? database.read(Guards::level) : GuardLevel.POLICIES;
  }

  private static GuardLevel level(Connection connection) throws SQLException {
    RowReader<GuardLevel> level = row -> known(row.getString(1));
    return level
        .first(connection, "SELECT level FROM main.patronus_guards")
        .orElse(GuardLevel.POLICIES);
  }

  /// A level that a later version has written is as good as none.
  private static GuardLevel known(String word) {
    try {
      return GuardLevel.parse(word);
    } catch (IllegalArgumentException _) {
      return GuardLevel.POLICIES;
    }
  }

  /// The guards that are there or wanted, by name.
  public List<Guard> compare(GuardLevel level) {
    return database.read(connection -> compare(present(connection), wanted(connection, level)));
  }

  private static List<Guard> compare(Map<String, String> present, Map<String, String> wanted) {
    TreeMap<String, State> states = new TreeMap<>();
    present.keySet().forEach(name -> states.put(name, State.SURPLUS));
    wanted.forEach((name, sql) ->
        states.put(name, sql.equals(present.get(name)) ? State.PRESENT : State.MISSING));
    List<Guard> guards = new ArrayList<>();
    states.forEach((name, state) -> guards.add(new Guard(name, state)));
    return guards;
  }

  /// Makes the guards of this level and removes all others, in one transaction with its audit row;
  /// changes nothing where that is so already.
  ///
  /// @param keep how long what the guards archive can be restored
  /// @return the guards that it made or removed, by name
  /// @throws dev.patronus.error.UserError where SQLite refuses; then nothing was changed
  public List<Guard> apply(Actor actor, Instant now, GuardLevel level, Duration keep) {
    boolean known = areKnown() && database.schema().has(ARCHIVE);
    return known
            && level() == level
            && differing(compare(level)).isEmpty()
            && database.read(connection -> keepsFor(connection, keep))
        ? List.of()
        : database.write(actor, now, transaction -> apply(transaction, level, keep));
  }

  private static boolean keepsFor(Connection connection, Duration keep) throws SQLException {
    RowReader<Long> seconds = row -> row.getLong(1);
    return seconds
        .list(connection, "SELECT keep_seconds FROM main.patronus_guard_archive")
        .contains(keep.toSeconds());
  }

  /// The same within a transaction.
  public List<Guard> apply(Transaction transaction, GuardLevel level, Duration keep)
      throws SQLException {
    Handle handle = transaction.handle();
    Connection connection = transaction.connection();
    SequencedMap<String, String> wanted = wanted(connection, level);
    Map<String, String> present = present(connection);
    List<Guard> differing = differing(compare(present, wanted));
    for (Guard guard : differing) {
      if (present.containsKey(guard.name())) {
        handle.execute("DROP TRIGGER main." + guard.name());
      }
      if (guard.state() == State.MISSING) {
        handle.execute(wanted.get(guard.name()));
      }
    }
    handle.execute("UPDATE main.patronus_guard_archive SET keep_seconds = ?", keep.toSeconds());
    if (level(connection) != level || !differing.isEmpty()) {
      handle.execute("UPDATE main.patronus_guards SET level = ?", level.word());
      transaction.audit(event(level, differing), true);
    }
    return differing;
  }

  private static List<Guard> differing(List<Guard> guards) {
    return guards.stream().filter(guard -> guard.state() != State.PRESENT).toList();
  }

  private static AuditEvent event(GuardLevel level, List<Guard> changed) {
    List<Json> made = new ArrayList<>();
    List<Json> removed = new ArrayList<>();
    for (Guard guard : changed) {
      (guard.state() == State.MISSING ? made : removed).add(new Json.Text(guard.name()));
    }
    return new AuditEvent.DatabaseChange(
        AuditEvent.Type.DATABASE_GUARDS,
        Map.of(
            "level", new Json.Text(level.word()),
            "made", new Json.Arr(made),
            "removed", new Json.Arr(removed)));
  }

  private static Map<String, String> present(Connection connection) throws SQLException {
    Map<String, String> triggers = new TreeMap<>();
    RowReader<String> trigger = row -> triggers.put(row.getString(1), row.getString(2));
    trigger.list(connection, TRIGGERS);
    return triggers;
  }

  /// The triggers of a level by name, as SQLite keeps their text.
  private static SequencedMap<String, String> wanted(Connection connection, GuardLevel level)
      throws SQLException {
    SequencedMap<String, String> triggers = new TreeMap<>();
    switch (level) {
      case OFF -> {}
      case POLICIES -> triggers.put(POLICY_DELETE, policyDelete());
      case ALL -> triggers.putAll(SiteGuards.of(connection));
    }
    return triggers;
  }

  /// The trigger that the migration makes.
  private static String policyDelete() {
    String script = Migration.script("migration/007-guards.sql");
    String trigger = script.substring(script.indexOf("CREATE TRIGGER")).strip();
    return trigger.replace("IF NOT EXISTS ", "").replaceFirst(";$", "");
  }
}
