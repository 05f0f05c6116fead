package dev.patronus.store.maintenance;

import dev.patronus.audit.Actor;
import dev.patronus.store.Database;
import dev.patronus.store.RowReader;
import dev.patronus.store.foreignkey.TableShape;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/// Makes a database that has the policies, sites and endpoints of another one, and no history: what
/// a rehearsal counts into.
public final class RehearsalDatabase {
  private static final List<String> TABLES =
      List.of("sdwan_policies", "sdwan_sites", "sdwan_endpoints");

  private RehearsalDatabase() {}

  /// Makes the file.
  ///
  /// @param source is only read
  /// @throws dev.patronus.error.UserError if the file cannot be made, or the other not be read
  public static void make(Path file, Database source, Actor actor, Instant now) {
    NewDatabase.make(file, actor, now);
    try (Database made = Database.openWritable(file)) {
      for (String table : TABLES) {
        if (source.schema().has(table)) {
          List<Object[]> rows = new ArrayList<>();
          List<String> columns = source.read(connection -> read(connection, table, rows));
          made.write(
              actor,
              now,
              transaction -> {
                insert(transaction.handle(), table, columns, rows);
                return true;
              });
        }
      }
    }
  }

  private static List<String> read(Connection connection, String table, List<Object[]> rows)
      throws SQLException {
    RowReader<String> name = row -> row.getString(1);
    List<String> columns = name.list(connection, "SELECT name FROM pragma_table_info(?)", table);
    RowReader<Object[]> values =
        row -> {
          Object[] all = new Object[columns.size()];
          for (int i = 0; i < all.length; i++) {
            all[i] = row.getObject(i + 1);
          }
          return all;
        };
    rows.addAll(values.list(connection, "SELECT " + quoted(columns) + " FROM " + table));
    return columns;
  }

  private static String quoted(List<String> columns) {
    return String.join(", ", columns.stream().map(TableShape::quoted).toList());
  }

  private static void insert(
      Handle handle, String table, List<String> columns, List<Object[]> rows) {
    String parameters = String.join(", ", Collections.nCopies(columns.size(), "?"));
    String sql = "INSERT INTO %s (%s) VALUES (%s)".formatted(table, quoted(columns), parameters);
    if (!rows.isEmpty()) {
      try (PreparedBatch batch = handle.prepareBatch(sql)) {
        rows.forEach(batch::add);
        batch.execute();
      }
    }
  }
}
