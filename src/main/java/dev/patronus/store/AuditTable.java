package dev.patronus.store;

import dev.patronus.audit.Actor;
import dev.patronus.audit.AuditEvent;
import dev.patronus.audit.AuditRecord;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/// `audit_logs`: the platform's audit trail.
///
/// Confined to the database's thread.
public final class AuditTable {
  private static final String INSERT =
      """
      INSERT INTO audit_logs
        (timestamp, user_id, ip_address, user_agent, event_type, event_data, success, severity)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
      """;

  /// Newest first is the order in which rows were written, whatever the clocks said; that is the
  /// order of the primary key.
  private static final String NEWEST_FIRST =
      """
      SELECT id, timestamp, user_id, user_email, ip_address, user_agent, event_type, event_data,
             success, severity
      FROM audit_logs ORDER BY id DESC
      """;

  private final Database database;

  public AuditTable(Database database) {
    this.database = database;
  }

  /// Writes a row for a change that the database itself does not hold, in a transaction of its own.
  ///
  /// @throws dev.patronus.error.UserError if the database refuses; then no row was written
  public void record(Actor actor, Instant now, AuditEvent event) {
    database.write(actor, now, transaction -> transaction.audit(event, true));
  }

  /// Writes a row for a change that was refused, in a transaction of its own; none where the trail
  /// is not kept.
  ///
  /// @throws dev.patronus.error.UserError if the database refuses; then no row was written
  public void recordRefusal(Actor actor, Instant now, AuditEvent event) {
    if (database.schema().has("audit_logs")) {
      database.write(actor, now, transaction -> transaction.audit(event, false));
    }
  }

  /// Writes a row and gives its id.
  long insert(Actor actor, Instant now, AuditEvent event, boolean success) {
    return database
        .handle()
        .select(
            INSERT,
            now.toString(),
            actor.userId(),
            actor.ipAddress(),
            actor.userAgent(),
            event.type().word(),
            event.data().toString(),
            success ? 1 : 0,
            event.type().severity().word())
        .map((row, _) -> row.getLong(1))
        .one();
  }

  /// Updates the event of a row.
  void amend(long id, AuditEvent event) {
    String sql = "UPDATE audit_logs SET event_data = ? WHERE id = ?";
    database.handle().execute(sql, event.data().toString(), id);
  }

  /// The newest rows that are wanted, newest first; none where the trail is not kept.
  ///
  /// @param limit how many at most
  public List<AuditRecord> newest(Predicate<AuditRecord> wanted, int limit) {
    if (!database.schema().has("audit_logs")) {
      return List.of();
    }
    return database.read(connection -> {
      List<AuditRecord> newest = new ArrayList<>();
      try (PreparedStatement statement = connection.prepareStatement(NEWEST_FIRST);
          ResultSet row = statement.executeQuery()) {
        while (newest.size() < limit && row.next()) {
          AuditRecord record = record(row);
          if (wanted.test(record)) {
            newest.add(record);
          }
        }
      }
      return newest;
    });
  }

  /// The events and severities that rows have, whatever the program knows of.
  ///
  /// @param column `event_type` or `severity`
  public Set<String> present(Column column) {
    if (!database.schema().has("audit_logs")) {
      return Set.of();
    }
    return database.read(connection -> {
      Set<String> present = new TreeSet<>();
      try (PreparedStatement statement = connection.prepareStatement(column.sql);
          ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          present.add(RowReader.text(row, 1));
        }
      }
      return present;
    });
  }

  /// A column of which few different values are expected.
  public enum Column {
    EVENT_TYPE("SELECT DISTINCT event_type FROM audit_logs WHERE event_type IS NOT NULL"),
    SEVERITY("SELECT DISTINCT severity FROM audit_logs WHERE severity IS NOT NULL");

    private final String sql;

    Column(String sql) {
      this.sql = sql;
    }
  }

  private static AuditRecord record(ResultSet row) throws SQLException {
    return new AuditRecord(
        row.getLong(1),
        RowReader.text(row, 2),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        row.getString(6),
        RowReader.text(row, 7),
        RowReader.text(row, 8),
        row.getInt(9) != 0,
        RowReader.text(row, 10));
  }
}
