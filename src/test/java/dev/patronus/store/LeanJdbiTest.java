package dev.patronus.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.audit.Actor;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.UnableToCreateStatementException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeanJdbiTest {
  private static final Actor ACTOR = new Actor("alice", null, "test");
  private static final Instant NOW = Instant.parse("2026-11-23T14:00:00Z");

  @TempDir private Path folder;
  private Connection connection;
  private Handle handle;

  @BeforeEach
  void open() throws SQLException {
    connection = DriverManager.getConnection("jdbc:sqlite::memory:");
    handle = LeanJdbi.on(connection);
    handle.execute("CREATE TABLE t (a, b)");
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
  }

  private String text(String sql, Object... bound) {
    return handle.select(sql, bound).map((row, _) -> row.getString(1)).one();
  }

  @Test
  void a_question_mark_in_quotes_is_no_parameter() {
    assertEquals("it's ?", text("SELECT 'it''s ?' AS \"a ? \"\" ?\" WHERE ? = 1", 1));
  }

  @Test
  void a_numbered_parameter_may_stand_twice_and_numbers_may_be_left_out() {
    assertEquals("1/1", text("SELECT ?1 || '/' || ?1", 1));
    assertEquals("1/3", text("SELECT ?1 || '/' || ?3", 1, 2, 3));
    assertEquals("3/4", text("SELECT ?3 || '/' || ?", 1, 2, 3, 4));
  }

  @Test
  void too_few_and_too_many_values_are_refused() {
    assertThrows(UnableToCreateStatementException.class, () -> text("SELECT ?1 || ?2", 1));
    assertThrows(UnableToCreateStatementException.class, () -> text("SELECT ?", 1, 2));
  }

  @Test
  void a_value_keeps_its_type() {
    handle.execute("INSERT INTO t VALUES (?, ?)", Long.MIN_VALUE, null);
    handle.execute("INSERT INTO t VALUES (?, ?)", 0.5, new byte[] {1});
    handle.execute("INSERT INTO t VALUES (?, ?)", "text", 7);
    List<String> types =
        handle
            .select("SELECT typeof(a) || ' ' || typeof(b) FROM t ORDER BY rowid")
            .map((row, _) -> row.getString(1))
            .list();
    assertEquals(List.of("integer null", "real blob", "text integer"), types);
  }

  @Test
  void a_transaction_of_the_connection_is_neither_ended_nor_begun_by_a_statement()
      throws SQLException {
    connection.createStatement().execute("BEGIN IMMEDIATE");
    handle.execute("INSERT INTO t VALUES (1, 1)");
    try (PreparedBatch batch = handle.prepareBatch("INSERT INTO t VALUES (?, ?)")) {
      batch.add(2, 2).add(3, 3);
      assertEquals(2, batch.execute().length);
    }
    assertEquals("3", text("SELECT count(*) FROM t"));
    connection.createStatement().execute("ROLLBACK");
    assertEquals("0", text("SELECT count(*) FROM t"));
  }

  @Test
  void a_batch_that_fails_changes_nothing_and_names_the_reason() throws Exception {
    try (PlatformDatabase platform = PlatformDatabase.create(folder, Age.NEWEST);
        Database database = Database.openWritable(platform.file())) {
      database.write(ACTOR, NOW, transaction -> 0); // makes our own tables
      UserError error =
          assertThrows(
              UserError.class,
              () ->
                  database.write(
                      ACTOR,
                      NOW,
                      transaction -> {
                        String sql = "INSERT INTO sdwan_sites (site_id) VALUES (?)";
                        try (PreparedBatch batch = transaction.handle().prepareBatch(sql)) {
                          return batch.add("a").add("b").execute();
                        }
                      }));
      assertEquals(ExitCode.FAILED, error.exitCode());
      assertTrue(error.getMessage().contains("NOT NULL constraint failed"), error::getMessage);
      assertEquals(List.of(), platform.rows("SELECT site_id FROM sdwan_sites"));
    }
  }
}
