package dev.patronus.fleet.read;

import dev.patronus.store.scan.ExportTable;
import java.util.Map;

/// A table of a hub that can be exported, and where it has the columns that the gateway's table
/// has.
///
/// @param table its name
/// @param until the column of `fleet.epochs` that says up to which row an epoch counts; empty of
///   tables that hold what is there now
/// @param group the column whose rows belong together; empty if there is none
/// @param time the column with a row's epoch seconds; empty if rows have no time
/// @param order of rows that have no number
/// @param columns the columns that have another name or place on the hub
record HubTable(
    String table,
    String until,
    String group,
    String time,
    String order,
    Map<String, String> columns) {
  private static final String TIME = "t.\"timestamp\"";

  private static final HubTable STATS =
      new HubTable(
          "policy_stats",
          "stats_until",
          "policy_id",
          TIME,
          "",
          Map.of(
              "stat_id",
              "t.row_id",
              "timestamp",
              TIME,
              "time",
              TIME,
              "policy_name",
              "(SELECT p.name FROM fleet.policies p WHERE p.gateway_id = t.gateway_id"
                  + " AND p.policy_id = t.policy_id)"));

  private static final HubTable PATH_METRICS =
      new HubTable(
          "path_metrics",
          "metrics_until",
          "path_id",
          TIME,
          "",
          Map.of(
              "metric_id",
              "t.row_id",
              "timestamp",
              TIME,
              "time",
              TIME,
              "src_site_name",
              siteName("src"),
              "dst_site_name",
              siteName("dst"),
              "src_endpoint",
              ofPath("src_endpoint"),
              "dst_endpoint",
              ofPath("dst_endpoint"),
              "wg_interface",
              ofPath("wg_interface")));

  private static final HubTable AUDIT =
      new HubTable(
          "audit_logs",
          "audit_until",
          "",
          "t.second",
          "",
          Map.of("id", "t.row_id", "timestamp", TIME, "created_at", "NULL::text"));

  private static final HubTable SITES =
      new HubTable(
          "sites",
          "",
          "",
          "",
          "t.created_at, t.site_id COLLATE \"C\"",
          Map.of("public_key", "NULL::text"));

  private static final HubTable POLICIES =
      new HubTable("policies", "", "", "", "t.policy_id < 0, t.policy_id", Map.of());

  private static String siteName(String end) {
    return "(SELECT s.site_name FROM fleet.paths p JOIN fleet.sites s"
        + " ON s.gateway_id = p.gateway_id AND s.site_id = p."
        + end
        + "_site_id WHERE p.gateway_id = t.gateway_id AND p.path_id = t.path_id)";
  }

  private static String ofPath(String column) {
    return "(SELECT p."
        + column
        + " FROM fleet.paths p WHERE p.gateway_id = t.gateway_id AND p.path_id = t.path_id)";
  }

  /// The table of a hub that has the rows of a gateway's table.
  ///
  /// @throws IllegalArgumentException if gateways do not send them
  static HubTable of(ExportTable table) {
    return switch (table) {
      case STATS -> STATS;
      case PATH_METRICS -> PATH_METRICS;
      case AUDIT -> AUDIT;
      case SITES -> SITES;
      case POLICIES -> POLICIES;
      case PATH_HEALTH, FAILOVER_EVENTS, SYSTEM_METRICS ->
          throw new IllegalArgumentException("gateways do not send " + table);
    };
  }

  /// Whether its rows have numbers that count up within an epoch.
  boolean countsUp() {
    return !until.isEmpty();
  }

  /// The expression for a column.
  String sql(String column) {
    return columns.getOrDefault(column, "t." + column);
  }
}
