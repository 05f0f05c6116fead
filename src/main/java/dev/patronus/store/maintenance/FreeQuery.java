package dev.patronus.store.maintenance;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.store.Database;
import dev.patronus.store.InterruptHandler;
import dev.patronus.store.SqliteErrors;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteLimits;

/// A query that a person wrote, which can change nothing.
///
/// Confined to the database's thread. Four things stand before a change: the statement has to begin
/// as a query does ([QueryText]), the connection is open for reading only, `query_only` is on, and
/// no file can be attached.
public final class FreeQuery {
  /// Characters that one result may hold; more than anybody reads.
  private static final long CHARACTERS = 32_000_000;

  /// Bytes that one value may have: SQLite makes none that is larger.
  private static final int VALUE_BYTES = 8_000_000;

  private final Database database;
  private final Duration limit;

  /// What was found.
  ///
  /// @param rows cells are [String], [Long], [Double] or null; a blob is written as SQL does:
  ///   `x'0a'`
  /// @param cut whether there are more rows
  public record Result(List<String> columns, List<Object[]> rows, boolean cut) {
    public Result {
      columns = List.copyOf(columns);
    }
  }

  /// @param limit how long it may take
  public FreeQuery(Database database, Duration limit) {
    this.database = database;
    this.limit = limit;
  }

  /// Runs the query.
  ///
  /// @param most how many rows are wanted
  /// @throws UserError if it is no query, SQLite does not understand it, or it takes too long
  public Result run(String sql, long most) {
    String query = QueryText.single(sql);
    long deadline = System.nanoTime() + limit.toNanos();
    BooleanSupplier late = () -> System.nanoTime() - deadline > 0;
    return database.read(connection -> {
      SQLiteConnection guarded = (SQLiteConnection) connection;
      int attachable = protect(guarded);
      int length =
          guarded.getDatabase().limit(SQLiteLimits.SQLITE_LIMIT_LENGTH.getId(), VALUE_BYTES);
      InterruptHandler.watch(connection, late);
      try (Statement statement = connection.createStatement();
          ResultSet found = statement.executeQuery(query)) {
        return read(found, most);
      } catch (SQLException e) {
        throw refusal(e, late.getAsBoolean());
      } finally {
        InterruptHandler.watch(connection, () -> false);
        release(guarded, attachable);
        guarded.setLimit(SQLiteLimits.SQLITE_LIMIT_LENGTH, length);
      }
    });
  }

  /// How many files could be attached before.
  private int protect(SQLiteConnection connection) throws SQLException {
    database.execute("PRAGMA query_only = ON");
    return connection.getDatabase().limit(SQLiteLimits.SQLITE_LIMIT_ATTACHED.getId(), 0);
  }

  /// Others go on with the connection: a plan of a deletion keeps ids in a temporary table, a
  /// backup attaches its copy.
  private void release(SQLiteConnection connection, int attachable) throws SQLException {
    connection.setLimit(SQLiteLimits.SQLITE_LIMIT_ATTACHED, attachable);
    database.execute("PRAGMA query_only = OFF");
  }

  private static Result read(ResultSet found, long most) throws SQLException {
    List<String> columns = columns(found.getMetaData());
    List<Object[]> rows = new ArrayList<>();
    long characters = 0;
    while (found.next()) {
      if (rows.size() == most || characters > CHARACTERS) {
        return new Result(columns, rows, true);
      }
      Object[] cells = new Object[columns.size()];
      for (int i = 0; i < cells.length; i++) {
        cells[i] = cell(found.getObject(i + 1));
        characters += cells[i] instanceof String text ? text.length() : Long.BYTES;
      }
      rows.add(cells);
    }
    return new Result(columns, rows, false);
  }

  private static List<String> columns(ResultSetMetaData data) throws SQLException {
    List<String> names = new ArrayList<>();
    for (int i = 1; i <= data.getColumnCount(); i++) {
      String name = data.getColumnLabel(i);
      names.add(unused(name.isBlank() ? "column_" + i : name, names));
    }
    return names;
  }

  /// The name, with a number where an earlier column has it already: a document needs each once.
  private static String unused(String name, List<String> used) {
    String candidate = name;
    for (int i = 2; used.contains(candidate); i++) {
      candidate = name + "_" + i;
    }
    return candidate;
  }

  private static @Nullable Object cell(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case Integer number -> number.longValue();
      case Long number -> number;
      case Double number -> number;
      case byte[] blob -> "x'" + HexFormat.of().formatHex(blob) + "'";
      default -> value.toString();
    };
  }

  private RuntimeException refusal(SQLException e, boolean late) {
    if (SqliteErrors.is(e, SQLiteErrorCode.SQLITE_INTERRUPT) && late) {
      return new UserError(
          ExitCode.FAILED,
          "the query took longer than "
              + limit.toMillis() / 1000.0
              + " s and was ended; give it more with --timeout, or ask for less",
          e);
    }
    if (SqliteErrors.is(e, SQLiteErrorCode.SQLITE_INTERRUPT)) {
      return new UserError(ExitCode.INTERRUPTED, "interrupted", e);
    }
    if (SqliteErrors.code(e) == SQLiteErrorCode.SQLITE_READONLY.code) {
      return new UserError(
          ExitCode.REFUSED, "that would change the database; nothing can be changed this way", e);
    }
    if (SqliteErrors.is(e, SQLiteErrorCode.SQLITE_TOOBIG)) {
      return new UserError(
          ExitCode.FAILED,
          "a value has more than "
              + VALUE_BYTES
              + " bytes, or the query is too long; ask for a part of it, as in substr(column, 1, 1000)",
          e);
    }
    if (SqliteErrors.is(e, SQLiteErrorCode.SQLITE_ERROR)) {
      return new UserError(ExitCode.USAGE, "SQL: " + SqliteErrors.reason(e) + hint(e), e);
    }
    return SqliteErrors.translate(database.file(), e);
  }

  /// For a table that is not there, those that are: nobody knows them by heart.
  private String hint(SQLException e) {
    String reason = SqliteErrors.reason(e).toLowerCase(Locale.ROOT);
    if (!reason.contains("no such table")) {
      return "";
    }
    List<String> tables =
        database.schema().tables().stream().filter(t -> !t.startsWith("sqlite_")).sorted().toList();
    return "; there are " + String.join(", ", tables);
  }
}
