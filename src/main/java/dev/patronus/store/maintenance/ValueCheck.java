package dev.patronus.store.maintenance;

import dev.patronus.output.text.HumanFormat;
import dev.patronus.store.Database;
import dev.patronus.store.RowReader;
import dev.patronus.store.SqliteShell;
import dev.patronus.store.foreignkey.TableShape;
import dev.patronus.store.maintenance.CheckFinding.Severity;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/// The check for values that are of another type than their column: SQLite stores any value in any
/// column, and a table of an older platform may not even forbid NULL.
///
/// Confined to the database's thread. Commands read such a text as an empty one and such a number
/// as 0, or as the digits that it begins with.
final class ValueCheck {
  /// What a column may hold, as `typeof` names it.
  private enum Type {
    TEXT("'text'", "text"),
    NUMBER("'integer'", "whole number"),
    DECIMAL("'real', 'integer'", "number"),
    BLOB("'blob'", "blob"),
    TEXT_OR_NULL("'text', 'null'", "text");

    private final String allowed;
    private final String word;

    Type(String allowed, String word) {
      this.allowed = allowed;
      this.word = word;
    }
  }

  private record Column(String table, String name, Type type) {
    private static Column text(String table, String name) {
      return new Column(table, name, Type.TEXT);
    }

    private static Column number(String table, String name) {
      return new Column(table, name, Type.NUMBER);
    }

    private static Column decimal(String table, String name) {
      return new Column(table, name, Type.DECIMAL);
    }

    String isWrong() {
      return "typeof(" + name + ") NOT IN (" + type.allowed + ")";
    }
  }

  /// How many values of a column are of another type, and the first of them.
  private record Wrong(Column column, long rows, long firstRow, String firstType) {}

  /// The columns that commands read, by table.
  private static final List<List<Column>> TABLES =
      List.of(
          List.of(
              Column.text("sdwan_sites", "site_id"),
              Column.text("sdwan_sites", "site_name"),
              new Column("sdwan_sites", "public_key", Type.BLOB),
              Column.number("sdwan_sites", "created_at"),
              Column.number("sdwan_sites", "last_seen"),
              Column.text("sdwan_sites", "status")),
          List.of(
              Column.text("sdwan_endpoints", "site_id"),
              Column.text("sdwan_endpoints", "address"),
              Column.text("sdwan_endpoints", "interface_type"),
              Column.decimal("sdwan_endpoints", "cost_per_gb"),
              Column.number("sdwan_endpoints", "reachable")),
          List.of(
              Column.text("sdwan_paths", "src_site_id"),
              Column.text("sdwan_paths", "dst_site_id"),
              Column.text("sdwan_paths", "src_endpoint"),
              Column.text("sdwan_paths", "dst_endpoint"),
              new Column("sdwan_paths", "wg_interface", Type.TEXT_OR_NULL),
              Column.text("sdwan_paths", "status")),
          List.of(
              Column.number("sdwan_path_metrics", "path_id"),
              Column.number("sdwan_path_metrics", "timestamp"),
              Column.decimal("sdwan_path_metrics", "latency_ms"),
              Column.decimal("sdwan_path_metrics", "jitter_ms"),
              Column.decimal("sdwan_path_metrics", "packet_loss_pct"),
              Column.decimal("sdwan_path_metrics", "bandwidth_mbps"),
              Column.number("sdwan_path_metrics", "mtu"),
              Column.number("sdwan_path_metrics", "score")),
          List.of(
              Column.text("sdwan_policies", "name"),
              Column.number("sdwan_policies", "priority"),
              Column.text("sdwan_policies", "match_rules"),
              Column.text("sdwan_policies", "path_preference"),
              Column.number("sdwan_policies", "enabled")),
          List.of(
              Column.number("sdwan_policy_stats", "policy_id"),
              Column.number("sdwan_policy_stats", "timestamp"),
              Column.number("sdwan_policy_stats", "packets_matched"),
              Column.number("sdwan_policy_stats", "bytes_matched"),
              Column.number("sdwan_policy_stats", "active_flows")),
          List.of(
              Column.number("sdwan_system_metrics", "timestamp"),
              Column.decimal("sdwan_system_metrics", "throughput_mbps"),
              Column.number("sdwan_system_metrics", "packets_per_second"),
              Column.number("sdwan_system_metrics", "active_flows"),
              Column.decimal("sdwan_system_metrics", "avg_latency_ms"),
              Column.decimal("sdwan_system_metrics", "avg_packet_loss"),
              Column.decimal("sdwan_system_metrics", "cpu_usage"),
              Column.decimal("sdwan_system_metrics", "memory_usage")),
          List.of(
              Column.text("sdwan_path_health", "path_id"),
              Column.number("sdwan_path_health", "timestamp"),
              Column.decimal("sdwan_path_health", "latency_ms"),
              Column.decimal("sdwan_path_health", "packet_loss_pct"),
              Column.decimal("sdwan_path_health", "jitter_ms"),
              Column.decimal("sdwan_path_health", "health_score"),
              Column.text("sdwan_path_health", "status")),
          List.of(
              Column.text("sdwan_failover_policies", "name"),
              Column.text("sdwan_failover_policies", "primary_path_id"),
              Column.text("sdwan_failover_policies", "backup_path_ids"),
              Column.number("sdwan_failover_policies", "enabled")),
          List.of(
              Column.text("audit_logs", "timestamp"),
              new Column("audit_logs", "user_id", Type.TEXT_OR_NULL),
              new Column("audit_logs", "user_email", Type.TEXT_OR_NULL),
              new Column("audit_logs", "ip_address", Type.TEXT_OR_NULL),
              new Column("audit_logs", "user_agent", Type.TEXT_OR_NULL),
              Column.text("audit_logs", "event_type"),
              Column.text("audit_logs", "event_data"),
              Column.number("audit_logs", "success"),
              Column.text("audit_logs", "severity")));

  private final Database database;

  ValueCheck(Database database) {
    this.database = database;
  }

  List<CheckFinding> values() {
    List<CheckFinding> findings = new ArrayList<>();
    for (List<Column> columns : TABLES) {
      String table = columns.getFirst().table();
      if (database.schema().has(table)) {
        database
            .read(open -> wrong(open, present(open, table, columns)))
            .forEach(wrong -> findings.add(finding(wrong)));
      }
    }
    return findings.isEmpty()
        ? List.of(CheckFinding.ok("values", "all of their columns' types"))
        : findings;
  }

  /// The columns that this age of the table has.
  private static List<Column> present(Connection connection, String table, List<Column> columns)
      throws SQLException {
    RowReader<String> name = row -> row.getString(1);
    List<String> there = name.list(connection, "SELECT name FROM pragma_table_info(?)", table);
    return columns.stream().filter(column -> there.contains(column.name())).toList();
  }

  /// Counts in one pass over the table.
  private static List<Wrong> wrong(Connection connection, List<Column> columns)
      throws SQLException {
    if (columns.isEmpty()) {
      return List.of();
    }
    List<String> counts = new ArrayList<>();
    for (Column column : columns) {
      String filter = " FILTER (WHERE " + column.isWrong() + ")";
      counts.add("count(*)" + filter + ", min(rowid)" + filter);
    }
    String table = TableShape.quoted(columns.getFirst().table());
    String sql = "SELECT " + String.join(", ", counts) + " FROM main." + table;
    RowReader<List<Wrong>> wrong = row -> wrong(connection, columns, row);
    return wrong.first(connection, sql).orElseThrow();
  }

  private static List<Wrong> wrong(Connection connection, List<Column> columns, ResultSet row)
      throws SQLException {
    List<Wrong> found = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      if (row.getLong(2 * i + 1) > 0) {
        Column column = columns.get(i);
        long first = row.getLong(2 * i + 2);
        found.add(
            new Wrong(column, row.getLong(2 * i + 1), first, typeOf(connection, column, first)));
      }
    }
    return found;
  }

  private static String typeOf(Connection connection, Column column, long row) throws SQLException {
    RowReader<String> type = found -> found.getString(1);
    String sql =
        "SELECT typeof(" + column.name() + ") FROM main." + column.table() + " WHERE rowid = ?";
    List<String> types = type.list(connection, sql, row);
    return types.isEmpty() || types.getFirst().equals("null") ? "NULL" : types.getFirst();
  }

  private CheckFinding finding(Wrong wrong) {
    Column column = wrong.column();
    String which =
        "SELECT rowid, " + column.name() + " FROM " + column.table() + " WHERE " + column.isWrong();
    return new CheckFinding(
        Severity.WARNING,
        "values",
        column.table()
            + "."
            + column.name()
            + " is no "
            + column.type().word
            + " in "
            + (wrong.rows() == 1
                ? "row " + wrong.firstRow() + ": it is " + wrong.firstType()
                : HumanFormat.grouped(wrong.rows())
                    + " rows, the first is row "
                    + wrong.firstRow()
                    + " with "
                    + wrong.firstType()),
        "see them with "
            + SqliteShell.command(database.file(), which)
            + ", and correct or delete them in the platform");
  }
}
