package dev.patronus.store.retention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.patronus.audit.Actor;
import dev.patronus.audit.AuditEvent;
import dev.patronus.error.UserError;
import dev.patronus.store.Database;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeletedHistoryTest {
  private static final Instant NOW = Instant.parse("2026-11-23T14:00:00Z");
  private static final Actor ACTOR = new Actor("alice", null, "test");

  @TempDir private Path folder;

  private static DeletedHistory.Deletion rowsOf(int packets) {
    return handle -> {
      String sql = "DELETE FROM sdwan_policy_stats WHERE packets_matched <= ?";
      return Map.of("sdwan_policy_stats", (long) handle.execute(sql, packets));
    };
  }

  private static List<String> audited(PlatformDatabase platform) throws SQLException {
    return platform.rows("SELECT event_data FROM audit_logs");
  }

  @Test
  void what_a_failed_transaction_deleted_is_not_counted() throws Exception {
    try (PlatformDatabase platform = PlatformDatabase.create(folder, Age.NEWEST)) {
      platform.policy(7, "voice", 1, "{}");
      platform.stat(7, 1, 1, 1, 1).stat(7, 2, 2, 2, 2).stat(7, 3, 3, 3, 3);
      platform.run(
          "CREATE TRIGGER no_third BEFORE DELETE ON sdwan_policy_stats"
              + " WHEN old.packets_matched = 3 BEGIN SELECT RAISE(ABORT, 'kept'); END");
      try (Database database = Database.openWritable(platform.file())) {
        DeletedHistory deleted =
            new DeletedHistory(database, AuditEvent.Type.DATABASE_PRUNE, "older_than", "today");
        assertThrows(UserError.class, () -> deleted.delete(ACTOR, NOW, rowsOf(3)));
        assertEquals(Map.of(), deleted.rows());
        assertEquals(List.of(), audited(platform));
        deleted.delete(ACTOR, NOW, rowsOf(1));
        assertThrows(UserError.class, () -> deleted.delete(ACTOR, NOW, rowsOf(3)));
        deleted.delete(ACTOR, NOW, rowsOf(2));
        assertEquals(Map.of("sdwan_policy_stats", 2L), deleted.rows());
        assertEquals(
            List.of("{\"database_prune\":{\"older_than\":\"today\",\"sdwan_policy_stats\":2}}"),
            audited(platform));
      }
    }
  }
}
