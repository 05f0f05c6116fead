package dev.patronus.store.scan;

import dev.patronus.output.table.Column.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// An exportable table and its columns.
///
/// Immutable. The key is a rowid: SQLite has a single writer, and where the key counts up
/// (AUTOINCREMENT) it gives each new row a greater one than any before, so the order of keys is the
/// order in which rows were committed; no row can appear later below a key that was seen.
public enum ExportTable {
  STATS(
      "sdwan_policy_stats",
      "stat_id",
      "policy_id",
      "t.timestamp",
      List.of(
          ExportColumn.of("stat_id", Kind.ID, CellType.KEY),
          ExportColumn.of("policy_id", Kind.ID, CellType.UNSIGNED),
          ExportColumn.plain("timestamp", Kind.ID),
          ExportColumn.plain("packets_matched", Kind.COUNT),
          ExportColumn.plain("bytes_matched", Kind.BYTES),
          ExportColumn.plain("active_flows", Kind.COUNT)),
      List.of(
          time("timestamp"),
          ExportColumn.of(
              "policy_name",
              Kind.TEXT,
              CellType.PLAIN,
              "(SELECT p.name FROM sdwan_policies p WHERE p.policy_id = t.policy_id)"))),
  PATH_METRICS(
      "sdwan_path_metrics",
      "metric_id",
      "path_id",
      "t.timestamp",
      List.of(
          ExportColumn.of("metric_id", Kind.ID, CellType.KEY),
          ExportColumn.plain("path_id", Kind.ID),
          ExportColumn.plain("timestamp", Kind.ID),
          ExportColumn.plain("latency_ms", Kind.MILLIS),
          ExportColumn.plain("jitter_ms", Kind.MILLIS),
          ExportColumn.plain("packet_loss_pct", Kind.PERCENT),
          ExportColumn.plain("bandwidth_mbps", Kind.NUMBER),
          ExportColumn.plain("mtu", Kind.NUMBER),
          ExportColumn.plain("score", Kind.NUMBER)),
      List.of(
          time("timestamp"),
          siteName("src"),
          siteName("dst"),
          ofPath("src_endpoint"),
          ofPath("dst_endpoint"),
          ofPath("wg_interface"))),
  /// Its path ids are text, which SQLite compares with numbers as text.
  PATH_HEALTH(
      "sdwan_path_health",
      "health_id",
      "path_id",
      "t.timestamp",
      List.of(
          ExportColumn.of("health_id", Kind.ID, CellType.KEY),
          ExportColumn.plain("path_id", Kind.ID),
          ExportColumn.plain("timestamp", Kind.ID),
          ExportColumn.plain("latency_ms", Kind.MILLIS),
          ExportColumn.plain("packet_loss_pct", Kind.PERCENT),
          ExportColumn.plain("jitter_ms", Kind.MILLIS),
          ExportColumn.plain("health_score", Kind.NUMBER),
          ExportColumn.plain("status", Kind.STATUS)),
      List.of(time("timestamp"), siteName("src"), siteName("dst"))),
  FAILOVER_EVENTS(
      "sdwan_failover_events",
      "event_id",
      "policy_id",
      "t.timestamp",
      List.of(
          ExportColumn.of("event_id", Kind.ID, CellType.KEY),
          ExportColumn.of("policy_id", Kind.ID, CellType.UNSIGNED),
          ExportColumn.plain("event_type", Kind.STATUS),
          ExportColumn.plain("from_path_id", Kind.ID),
          ExportColumn.plain("to_path_id", Kind.ID),
          ExportColumn.plain("reason", Kind.TEXT),
          ExportColumn.plain("timestamp", Kind.ID)),
      List.of(
          time("timestamp"),
          ExportColumn.of(
              "policy_name",
              Kind.TEXT,
              CellType.PLAIN,
              "(SELECT p.name FROM sdwan_failover_policies p WHERE p.policy_id = t.policy_id)"))),
  SYSTEM_METRICS(
      "sdwan_system_metrics",
      "metric_id",
      "",
      "t.timestamp",
      List.of(
          ExportColumn.of("metric_id", Kind.ID, CellType.KEY),
          ExportColumn.plain("timestamp", Kind.ID),
          ExportColumn.plain("throughput_mbps", Kind.NUMBER),
          ExportColumn.plain("packets_per_second", Kind.RATE),
          ExportColumn.plain("active_flows", Kind.COUNT),
          ExportColumn.plain("avg_latency_ms", Kind.MILLIS),
          ExportColumn.plain("avg_packet_loss", Kind.NUMBER),
          ExportColumn.plain("cpu_usage", Kind.NUMBER),
          ExportColumn.plain("memory_usage", Kind.NUMBER)),
      List.of(time("timestamp"))),
  SITES(
      "sdwan_sites",
      "rowid",
      "",
      "",
      List.of(
          ExportColumn.plain("site_id", Kind.ID),
          ExportColumn.plain("site_name", Kind.TEXT),
          ExportColumn.plain("public_key", Kind.ID),
          ExportColumn.of("created_at", Kind.TIME, CellType.TIME),
          ExportColumn.of("last_seen", Kind.TIME, CellType.TIME),
          ExportColumn.plain("status", Kind.STATUS)),
      List.of()),
  POLICIES(
      "sdwan_policies",
      "policy_id",
      "",
      "",
      List.of(
          ExportColumn.of("policy_id", Kind.ID, CellType.UNSIGNED),
          ExportColumn.plain("name", Kind.TEXT),
          ExportColumn.plain("priority", Kind.NUMBER),
          ExportColumn.of("match_rules", Kind.TEXT, CellType.JSON),
          ExportColumn.of("path_preference", Kind.TEXT, CellType.JSON),
          ExportColumn.of("enabled", Kind.FLAG, CellType.FLAG)),
      List.of()),
  /// The trail's times are text, RFC 3339; SQLite reads the seconds out of them.
  AUDIT(
      "audit_logs",
      "id",
      "",
      "unixepoch(t.timestamp)",
      List.of(
          ExportColumn.of("id", Kind.ID, CellType.KEY),
          ExportColumn.plain("timestamp", Kind.ID),
          ExportColumn.plain("user_id", Kind.TEXT),
          ExportColumn.plain("user_email", Kind.TEXT),
          ExportColumn.plain("ip_address", Kind.TEXT),
          ExportColumn.plain("user_agent", Kind.TEXT),
          ExportColumn.plain("event_type", Kind.TEXT),
          ExportColumn.of("event_data", Kind.TEXT, CellType.JSON),
          ExportColumn.of("success", Kind.FLAG, CellType.FLAG),
          ExportColumn.plain("severity", Kind.STATUS),
          ExportColumn.plain("created_at", Kind.ID)),
      List.of());

  private final String table;
  private final String key;
  private final String group;
  private final String time;

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of, and fields are records
  private final List<ExportColumn> own;

  @SuppressWarnings("ImmutableEnumChecker") // the same
  private final List<ExportColumn> more;

  ExportTable(
      String table,
      String key,
      String group,
      String time,
      List<ExportColumn> own,
      List<ExportColumn> more) {
    this.table = table;
    this.key = key;
    this.group = group;
    this.time = time;
    this.own = own;
    this.more = more;
  }

  private static ExportColumn time(String column) {
    return ExportColumn.of("time", Kind.TIME, CellType.TIME, "t." + column);
  }

  private static ExportColumn siteName(String end) {
    return ExportColumn.of(
        end + "_site_name",
        Kind.TEXT,
        CellType.PLAIN,
        "(SELECT s.site_name FROM sdwan_paths p JOIN sdwan_sites s ON s.site_id = p."
            + end
            + "_site_id WHERE p.path_id = t.path_id)");
  }

  private static ExportColumn ofPath(String column) {
    return ExportColumn.of(
        column,
        Kind.ID,
        CellType.PLAIN,
        "(SELECT p." + column + " FROM sdwan_paths p WHERE p.path_id = t.path_id)");
  }

  public String table() {
    return table;
  }

  String key() {
    return key;
  }

  /// The column whose rows belong together and are indexed by time; empty if there is none.
  String group() {
    return group;
  }

  /// Whether the rows have groups whose order in the index is that of their numbers.
  boolean numberGroup() {
    return !group.isEmpty() && this != PATH_HEALTH;
  }

  /// The expression for a row's epoch seconds; empty if rows have no time.
  String time() {
    return time;
  }

  /// The table's own columns, in its order.
  public List<ExportColumn> own() {
    return own;
  }

  /// The field of this name, the table's own or one that is looked up.
  ///
  /// @throws IllegalArgumentException that names the fields there are
  public ExportColumn field(String name) {
    for (ExportColumn field : all()) {
      if (field.name().equals(name)) {
        return field;
      }
    }
    throw new IllegalArgumentException(
        "no column '" + name + "'; there are " + String.join(", ", names()));
  }

  private List<ExportColumn> all() {
    List<ExportColumn> all = new ArrayList<>(own);
    all.addAll(more);
    return all;
  }

  /// The names of all fields, the table's own first.
  public List<String> names() {
    return all().stream().map(ExportColumn::name).toList();
  }

  /// Whether keys count up, so that the rows that came since a key can be told.
  public boolean countsUp() {
    return !Set.of(SITES, POLICIES).contains(this);
  }
}
