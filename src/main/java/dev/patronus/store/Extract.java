package dev.patronus.store;

import dev.patronus.export.Column.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// What can be exported, and how it is found in the database.
///
/// Immutable. The key is a rowid: SQLite has a single writer, and where the key counts up
/// (AUTOINCREMENT) it gives each new row a greater one than any before, so the order of keys is the
/// order in which rows were committed; no row can appear later below a key that was seen.
public enum Extract {
  STATS(
      "sdwan_policy_stats",
      "stat_id",
      "policy_id",
      "t.timestamp",
      List.of(
          Field.of("stat_id", Kind.ID, Shape.KEY),
          Field.of("policy_id", Kind.ID, Shape.UNSIGNED),
          Field.plain("timestamp", Kind.ID),
          Field.plain("packets_matched", Kind.COUNT),
          Field.plain("bytes_matched", Kind.BYTES),
          Field.plain("active_flows", Kind.COUNT)),
      List.of(
          time("timestamp"),
          Field.of(
              "policy_name",
              Kind.TEXT,
              Shape.PLAIN,
              "(SELECT p.name FROM sdwan_policies p WHERE p.policy_id = t.policy_id)"))),
  PATH_METRICS(
      "sdwan_path_metrics",
      "metric_id",
      "path_id",
      "t.timestamp",
      List.of(
          Field.of("metric_id", Kind.ID, Shape.KEY),
          Field.plain("path_id", Kind.ID),
          Field.plain("timestamp", Kind.ID),
          Field.plain("latency_ms", Kind.MILLIS),
          Field.plain("jitter_ms", Kind.MILLIS),
          Field.plain("packet_loss_pct", Kind.PERCENT),
          Field.plain("bandwidth_mbps", Kind.NUMBER),
          Field.plain("mtu", Kind.NUMBER),
          Field.plain("score", Kind.NUMBER)),
      List.of(
          time("timestamp"),
          siteName("src"),
          siteName("dst"),
          ofPath("src_endpoint"),
          ofPath("dst_endpoint"),
          ofPath("wg_interface"))),
  SYSTEM_METRICS(
      "sdwan_system_metrics",
      "metric_id",
      "",
      "t.timestamp",
      List.of(
          Field.of("metric_id", Kind.ID, Shape.KEY),
          Field.plain("timestamp", Kind.ID),
          Field.plain("throughput_mbps", Kind.NUMBER),
          Field.plain("packets_per_second", Kind.RATE),
          Field.plain("active_flows", Kind.COUNT),
          Field.plain("avg_latency_ms", Kind.MILLIS),
          Field.plain("avg_packet_loss", Kind.NUMBER),
          Field.plain("cpu_usage", Kind.NUMBER),
          Field.plain("memory_usage", Kind.NUMBER)),
      List.of(time("timestamp"))),
  SITES(
      "sdwan_sites",
      "rowid",
      "",
      "",
      List.of(
          Field.plain("site_id", Kind.ID),
          Field.plain("site_name", Kind.TEXT),
          Field.plain("public_key", Kind.ID),
          Field.of("created_at", Kind.TIME, Shape.TIME),
          Field.of("last_seen", Kind.TIME, Shape.TIME),
          Field.plain("status", Kind.STATUS)),
      List.of()),
  POLICIES(
      "sdwan_policies",
      "policy_id",
      "",
      "",
      List.of(
          Field.of("policy_id", Kind.ID, Shape.UNSIGNED),
          Field.plain("name", Kind.TEXT),
          Field.plain("priority", Kind.NUMBER),
          Field.of("match_rules", Kind.TEXT, Shape.JSON),
          Field.of("path_preference", Kind.TEXT, Shape.JSON),
          Field.of("enabled", Kind.FLAG, Shape.FLAG)),
      List.of()),
  /// The trail's times are text, RFC 3339; SQLite reads the seconds out of them.
  AUDIT(
      "audit_logs",
      "id",
      "",
      "unixepoch(t.timestamp)",
      List.of(
          Field.of("id", Kind.ID, Shape.KEY),
          Field.plain("timestamp", Kind.ID),
          Field.plain("user_id", Kind.TEXT),
          Field.plain("user_email", Kind.TEXT),
          Field.plain("ip_address", Kind.TEXT),
          Field.plain("user_agent", Kind.TEXT),
          Field.plain("event_type", Kind.TEXT),
          Field.of("event_data", Kind.TEXT, Shape.JSON),
          Field.of("success", Kind.FLAG, Shape.FLAG),
          Field.plain("severity", Kind.STATUS),
          Field.plain("created_at", Kind.ID)),
      List.of());

  private final String table;
  private final String key;
  private final String group;
  private final String time;

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of, and fields are records
  private final List<Field> own;

  @SuppressWarnings("ImmutableEnumChecker") // the same
  private final List<Field> more;

  Extract(String table, String key, String group, String time, List<Field> own, List<Field> more) {
    this.table = table;
    this.key = key;
    this.group = group;
    this.time = time;
    this.own = own;
    this.more = more;
  }

  private static Field time(String column) {
    return Field.of("time", Kind.TIME, Shape.TIME, "t." + column);
  }

  private static Field siteName(String end) {
    return Field.of(
        end + "_site_name",
        Kind.TEXT,
        Shape.PLAIN,
        "(SELECT s.site_name FROM sdwan_paths p JOIN sdwan_sites s ON s.site_id = p."
            + end
            + "_site_id WHERE p.path_id = t.path_id)");
  }

  private static Field ofPath(String column) {
    return Field.of(
        column,
        Kind.ID,
        Shape.PLAIN,
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

  /// The expression for a row's epoch seconds; empty if rows have no time.
  String time() {
    return time;
  }

  /// The table's own columns, in its order.
  public List<Field> own() {
    return own;
  }

  /// The field of this name, the table's own or one that is looked up.
  ///
  /// @throws IllegalArgumentException that names the fields there are
  public Field field(String name) {
    for (Field field : all()) {
      if (field.name().equals(name)) {
        return field;
      }
    }
    throw new IllegalArgumentException(
        "no column '" + name + "'; there are " + String.join(", ", names()));
  }

  private List<Field> all() {
    List<Field> all = new ArrayList<>(own);
    all.addAll(more);
    return all;
  }

  /// The names of all fields, the table's own first.
  public List<String> names() {
    return all().stream().map(Field::name).toList();
  }

  /// Whether keys count up, so that the rows that came since a key can be told.
  public boolean countsUp() {
    return !Set.of(SITES, POLICIES).contains(this);
  }
}
