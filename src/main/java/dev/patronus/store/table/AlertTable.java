package dev.patronus.store.table;

import dev.patronus.alert.AlertState;
import dev.patronus.alert.AlertState.Phase;
import dev.patronus.alert.Evaluation;
import dev.patronus.audit.Actor;
import dev.patronus.audit.AuditEvent;
import dev.patronus.store.Database;
import dev.patronus.store.RowReader;
import dev.patronus.store.Transaction;
import dev.patronus.time.EpochSeconds;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/// `patronus_alerts` and `patronus_alert_silences`: the state of each alert, and until when it is
/// silenced.
///
/// Confined to the database's thread. A database that no daemon with alert rules has used may have
/// neither.
public final class AlertTable {
  private static final String ALL =
      """
      SELECT name, phase, since, announced, last_fired, value, bound, why, evaluated
      FROM patronus_alerts
      """;

  private static final String SAVE =
      """
      INSERT OR REPLACE INTO patronus_alerts
        (name, phase, since, announced, last_fired, value, bound, why, evaluated)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """;

  private static final String SILENCES = "SELECT name, until FROM patronus_alert_silences";

  private static final String SILENCE =
      "INSERT OR REPLACE INTO patronus_alert_silences (name, until) VALUES (?, ?)";

  private static final String END_SILENCES =
      "DELETE FROM patronus_alert_silences WHERE name = ? OR until <= ?";

  /// The state of an alert, and when it was evaluated.
  public record Row(AlertState state, Instant evaluated) {}

  private final Database database;

  public AlertTable(Database database) {
    this.database = database;
  }

  private boolean exists() {
    return database.schema().has("patronus_alert_silences");
  }

  /// The states of all alerts, by name.
  public Map<String, Row> states() {
    Map<String, Row> states = new HashMap<>();
    if (exists()) {
      RowReader<Row> reader = row -> states.put(row.getString(1), row(row));
      database.read(connection -> reader.list(connection, ALL));
    }
    return states;
  }

  private static Row row(ResultSet row) throws SQLException {
    return new Row(
        new AlertState(
            phase(row.getString(2)),
            EpochSeconds.toInstant(row.getLong(3)),
            row.getInt(4) != 0,
            instant(row, 5),
            new Evaluation(number(row, 6), number(row, 7), false, false, RowReader.text(row, 8))),
        EpochSeconds.toInstant(row.getLong(9)));
  }

  private static Phase phase(String word) {
    for (Phase phase : Phase.values()) {
      if (phase.word().equals(word)) {
        return phase;
      }
    }
    return Phase.OK; // of a later version
  }

  private static Optional<Instant> instant(ResultSet row, int column) throws SQLException {
    long second = row.getLong(column);
    return row.wasNull() ? Optional.empty() : Optional.of(EpochSeconds.toInstant(second));
  }

  private static OptionalDouble number(ResultSet row, int column) throws SQLException {
    double number = row.getDouble(column);
    return row.wasNull() ? OptionalDouble.empty() : OptionalDouble.of(number);
  }

  /// Replaces the states of all alerts.
  ///
  /// @param evaluated when they were evaluated
  static void save(Transaction transaction, Map<String, AlertState> states, Instant evaluated) {
    transaction.handle().execute("DELETE FROM patronus_alerts");
    if (states.isEmpty()) {
      return;
    }
    try (PreparedBatch rows = transaction.handle().prepareBatch(SAVE)) {
      states.forEach((name, state) ->
          rows.add(
              name,
              state.phase().word(),
              state.since().getEpochSecond(),
              state.announced() ? 1 : 0,
              state.lastFired().map(Instant::getEpochSecond).orElse(null),
              boxed(state.evaluation().value()),
              boxed(state.evaluation().limit()),
              state.evaluation().why(),
              evaluated.getEpochSecond()));
      rows.execute();
    }
  }

  /// SQLite has no infinity that other programs read.
  private static @Nullable Double boxed(OptionalDouble number) {
    return number.isPresent() && Double.isFinite(number.getAsDouble())
        ? (Double) number.getAsDouble()
        : null;
  }

  /// Until when alerts are silenced, by name; past ones too.
  public Map<String, Instant> silences() {
    Map<String, Instant> silences = new HashMap<>();
    if (exists()) {
      RowReader<Instant> reader =
          row -> silences.put(row.getString(1), EpochSeconds.toInstant(row.getLong(2)));
      database.read(connection -> reader.list(connection, SILENCES));
    }
    return silences;
  }

  /// Silences an alert, or ends its silence.
  ///
  /// @param until not after `now` to end it
  public void silence(String name, Instant until, Actor actor, Instant now) {
    boolean _ =
        database.write(
            actor,
            now,
            transaction -> {
              transaction.handle().execute(END_SILENCES, name, now.getEpochSecond());
              if (until.isAfter(now)) {
                transaction.handle().execute(SILENCE, name, until.getEpochSecond());
              }
              transaction.audit(new AuditEvent.AlertSilence(name, until), true);
              return true;
            });
  }
}
