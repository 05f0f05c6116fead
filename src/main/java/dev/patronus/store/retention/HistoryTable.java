package dev.patronus.store.retention;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A table whose rows tell of times gone by.
public enum HistoryTable {
  POLICY_STATS("sdwan_policy_stats", "stat_id", "policy_id", true),
  UNMATCHED_STATS("patronus_unmatched_stats", "timestamp", null, true),
  PATH_METRICS("sdwan_path_metrics", "metric_id", "path_id", true),
  SYSTEM_METRICS("sdwan_system_metrics", "metric_id", null, false),
  PATH_HEALTH("sdwan_path_health", "health_id", "path_id", true),
  FAILOVER_EVENTS("sdwan_failover_events", "event_id", "policy_id", false),
  AUDIT("audit_logs", "id", "severity", false);

  private final String table;
  private final String key;
  private final @Nullable String group;
  private final boolean newestStays;

  HistoryTable(String table, String key, @Nullable String group, boolean newestStays) {
    this.table = table;
    this.key = key;
    this.group = group;
    this.newestStays = newestStays;
  }

  public String table() {
    return table;
  }

  /// The one of this name.
  static HistoryTable of(String table) {
    return Arrays.stream(values())
        .filter(each -> each.table.equals(table))
        .findFirst()
        .orElseThrow();
  }

  /// The column of its primary key.
  String key() {
    return key;
  }

  /// The column that its index on the time begins with; empty where it begins with the time.
  Optional<String> group() {
    return Optional.ofNullable(group);
  }

  /// Whether each group's newest row stays, however old: a counter goes on from it, or it is all
  /// that is known.
  boolean newestStays() {
    return newestStays;
  }

  /// The condition for rows that may go because they are rolled up, or never are.
  String rolledUp() {
    return switch (this) {
      case POLICY_STATS -> "stat_id <= (SELECT mark FROM patronus_rollup)";
      case UNMATCHED_STATS ->
          "timestamp <= (SELECT newest FROM patronus_series WHERE series_id = 0)";
      case PATH_METRICS, SYSTEM_METRICS, PATH_HEALTH, FAILOVER_EVENTS, AUDIT -> "1";
    };
  }

  /// Whether its times are RFC 3339 texts rather than epoch seconds.
  boolean timeIsText() {
    return this == AUDIT;
  }
}
