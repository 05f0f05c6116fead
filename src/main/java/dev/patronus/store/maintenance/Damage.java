package dev.patronus.store.maintenance;

import dev.patronus.store.Database;
import dev.patronus.store.Pragma;
import dev.patronus.store.RowReader;
import dev.patronus.store.SqliteErrors;
import dev.patronus.store.SqliteShell;
import dev.patronus.store.foreignkey.TableShape;
import dev.patronus.store.maintenance.CheckFinding.Severity;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.sqlite.SQLiteErrorCode;

/// What the lines of an integrity check say is damaged: indexes alone, values alone, or more.
///
/// An index repeats what stands in its table and can be made again from it; a value that its column
/// forbids damages nothing else. The lines are those of `PRAGMA integrity_check`
/// (sqlite.org/pragma.html#pragma_integrity_check; their texts are in SQLite's `pragma.c` and
/// `btree.c`).
///
/// Confined to the database's thread.
final class Damage {
  /// The line that stands for a check which damage has ended before it was through.
  static final String ENDED = "the check could not go on";

  private static final Pattern INDEX_CONTENT =
      Pattern.compile(
          "(?:row -?\\d+ (?:missing from|values differ from)"
              + "|rowid not at end-of-record for row -?\\d+ of"
              + "|non-unique entry in|wrong # of entries in) index (.+)");
  private static final Pattern TREE = Pattern.compile("Tree (\\d+) .*");
  private static final Pattern VALUE =
      Pattern.compile("(?:NULL|TEXT|NUMERIC|non-\\w+) value in (.+)");
  private static final String SET_VALUE =
      "its column forbids that: correct the row in the platform, or with sqlite3";

  private final Database database;
  private final List<String> lines;
  private final Set<String> indexes = new TreeSet<>();
  private final List<String> values = new ArrayList<>();
  private boolean more;
  private boolean inTable;

  private Damage(Database database, List<String> lines) {
    this.database = database;
    this.lines = List.copyOf(lines);
  }

  /// @param lines what the check said, without its headings
  static Damage of(Database database, List<String> lines) {
    Damage damage = new Damage(database, lines);
    Set<String> tableRoots = database.read(Damage::tableRoots);
    lines.forEach(line -> damage.sort(line, tableRoots));
    return damage;
  }

  private static Set<String> tableRoots(Connection connection) throws SQLException {
    String sql = "SELECT rootpage FROM sqlite_schema WHERE type = 'table' UNION SELECT 1";
    RowReader<String> root = row -> row.getString(1);
    return Set.copyOf(root.list(connection, sql));
  }

  private void sort(String line, Set<String> tableRoots) {
    Matcher content = INDEX_CONTENT.matcher(line);
    Matcher tree = TREE.matcher(line);
    if (content.matches()) {
      indexes.add(content.group(1));
    } else if (VALUE.matcher(line).matches()) {
      values.add(line);
    } else {
      more = true;
      inTable |= tree.matches() && tableRoots.contains(tree.group(1));
    }
  }

  List<CheckFinding> findings() {
    if (more || mayHideMore()) {
      return !inTable && tablesAreWhole() ? outsideTables() : all(SqliteErrors.rescue(file()));
    }
    List<CheckFinding> findings = new ArrayList<>();
    if (!indexes.isEmpty()) {
      findings.add(indexes());
    }
    values.forEach(line -> findings.add(finding(line, SET_VALUE)));
    return findings;
  }

  private Path file() {
    return database.file();
  }

  /// Whether the check gave up after its last line, and the trees are not known to be whole.
  private boolean mayHideMore() {
    return lines.size() >= FileCheck.DAMAGES_NAMED
        && !database.read(open -> Pragma.text(open, "quick_check(1)")).equals("ok");
  }

  /// Whether each value of each table can be read, by no index.
  private boolean tablesAreWhole() {
    return database.read(open -> {
      try {
        for (String sql : reads(open)) {
          read(open, sql);
        }
        return true;
      } catch (SQLException e) {
        if (SqliteErrors.is(e, SQLiteErrorCode.SQLITE_CORRUPT)) {
          return false;
        }
        throw e;
      }
    });
  }

  /// A query for each table that has to load every value of it.
  private static List<String> reads(Connection connection) throws SQLException {
    String sql =
        """
        SELECT l.name, group_concat('total(length(CAST("' || c.name || '" AS BLOB)))', ', ')
        FROM pragma_table_list l JOIN pragma_table_info(l.name) c
        WHERE l.schema = 'main' AND l.type = 'table' AND l.name <> 'sqlite_schema'
        GROUP BY l.name
        """;
    RowReader<String> query =
        row ->
            "SELECT "
                + row.getString(2)
                + " FROM main."
                + TableShape.quoted(row.getString(1))
                + " NOT INDEXED";
    return query.list(connection, sql);
  }

  private static void read(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
    }
  }

  private CheckFinding indexes() {
    boolean one = indexes.size() == 1;
    String what =
        (one ? "only the index " : "only the indexes ")
            + String.join(", ", indexes)
            + (one ? " is" : " are")
            + " damaged, the tables are whole: "
            + lines.getFirst();
    List<String> statements = indexes.stream().map(name -> "REINDEX " + name(name)).toList();
    return finding(
        what,
        "make "
            + (one ? "it" : "them")
            + " again from "
            + (one ? "its table: " : "their tables: ")
            + SqliteShell.command(file(), String.join("; ", statements)));
  }

  private static String name(String index) {
    return index.matches("\\w+") ? index : TableShape.quoted(index);
  }

  /// An index whose pages cannot be read cannot be emptied either, so REINDEX would fail.
  private List<CheckFinding> outsideTables() {
    return List.of(
        finding(
            "all tables can be read, but not all indexes or free pages: " + lines.getFirst(),
            "a copy has its indexes made again: "
                + SqliteShell.command(file(), "VACUUM INTO '" + file() + ".copy'")
                + "; stop all programs that use the database, put the copy in its place, and remove"
                + " the old -wal and -shm"));
  }

  private List<CheckFinding> all(String next) {
    return lines.stream().map(line -> finding(line, next)).toList();
  }

  private static CheckFinding finding(String what, String next) {
    return new CheckFinding(Severity.ERROR, "integrity", "damaged: " + what, next);
  }
}
