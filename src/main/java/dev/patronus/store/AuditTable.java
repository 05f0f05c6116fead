package dev.patronus.store;

import dev.patronus.audit.Actor;
import dev.patronus.audit.AuditEvent;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;

/// `audit_logs`: the platform's audit trail.
///
/// Confined to the database's thread.
public final class AuditTable {
  private static final String INSERT =
      """
      INSERT INTO audit_logs
        (timestamp, user_id, ip_address, user_agent, event_type, event_data, success, severity)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """;

  private final Database database;

  public AuditTable(Database database) {
    this.database = database;
  }

  void insert(Actor actor, Instant now, AuditEvent event, boolean success) throws SQLException {
    try (PreparedStatement statement = database.connection().prepareStatement(INSERT)) {
      statement.setString(1, now.toString());
      statement.setString(2, actor.userId());
      statement.setString(3, actor.ipAddress());
      statement.setString(4, actor.userAgent());
      statement.setString(5, event.type());
      statement.setString(6, event.data().toString());
      statement.setInt(7, success ? 1 : 0);
      statement.setString(8, event.severity().word());
      statement.executeUpdate();
    }
  }
}
