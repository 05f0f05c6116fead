package dev.patronus.fleet;

import dev.patronus.testing.PlatformDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Sends a gateway's whole database to a hub, by `fleet.publish` as docs/fleet.md has it, as one
/// epoch.
public final class GatewayCopy {
  private static final int ROWS_PER_BATCH = 2_000;

  private static final String CELL =
      "start, packets, bytes, active_flows, active_flows_highest, last_second, covered_seconds,"
          + " longest_seconds, readings, resets, implausible";

  private static final String OPEN =
      "open_start, open_packets, open_bytes, open_active_flows, open_active_flows_highest,"
          + " open_last_second, open_covered_seconds, open_longest_seconds, open_readings,"
          + " open_resets, open_implausible";

  /// For each member of a batch the rows that it has, as columns and the rest of a query.
  private static final Map<String, List<String>> MEMBERS = new LinkedHashMap<>();

  static {
    for (String tier : List.of("five_minutes", "hours", "days")) {
      MEMBERS.put(tier, List.of("series_id, " + CELL, "patronus_" + tier));
    }
    MEMBERS.put(
        "series",
        List.of(
            "series_id, policy_id, name, newest, disordered, last_timestamp, last_packets,"
                + " last_bytes, hours_until, days_until, "
                + OPEN,
            "patronus_series"));
    MEMBERS.put(
        "policy_stats",
        List.of(
            "stat_id, policy_id, timestamp, packets_matched, bytes_matched, active_flows",
            "sdwan_policy_stats"));
    MEMBERS.put(
        "unmatched",
        List.of("timestamp, packets, bytes, active_flows", "patronus_unmatched_stats"));
    MEMBERS.put(
        "path_metrics",
        List.of(
            "metric_id, path_id, timestamp, latency_ms, jitter_ms, packet_loss_pct,"
                + " bandwidth_mbps, mtu, score",
            "sdwan_path_metrics"));
    MEMBERS.put(
        "audit_logs",
        List.of(
            "id, unixepoch(timestamp), timestamp, user_id, user_email, ip_address, user_agent,"
                + " event_type, event_data, success, severity",
            "audit_logs"));
    MEMBERS.put(
        "sites",
        List.of(
            "1, 1, site_id, site_name, created_at, last_seen, status,"
                + " (SELECT count(*) FROM sdwan_endpoints e WHERE e.site_id = s.site_id)",
            "sdwan_sites s"));
    MEMBERS.put(
        "policies",
        List.of(
            "1, 1, policy_id, name, priority, match_rules, path_preference, enabled",
            "sdwan_policies"));
    MEMBERS.put(
        "paths",
        List.of(
            "1, 1, path_id, src_site_id, dst_site_id, src_endpoint, dst_endpoint, wg_interface,"
                + " status",
            "sdwan_paths"));
  }

  /// The members whose rows are sent once.
  private static final Set<String> ROWS =
      Set.of("policy_stats", "unmatched", "path_metrics", "audit_logs");

  private static final String SHARED =
      ", \"stats_after\": 9000000, \"unmatched_after\": 9000000000, \"metrics_after\": 9000000,"
          + " \"audit_after\": 9000000";

  private final HubUnderTest hub;
  private final HubUnderTest.Enrolled gateway;

  public GatewayCopy(HubUnderTest hub, HubUnderTest.Enrolled gateway) {
    this.hub = hub;
    this.gateway = gateway;
  }

  /// Sends a database.
  ///
  /// @param databaseId what tells it from others of the same gateway
  public void send(Path file, String databaseId) throws SQLException {
    send(file, databaseId, false);
  }

  /// Sends a database.
  ///
  /// @param again whether its rows were sent before, and are shared with the epoch that has them
  public void send(Path file, String databaseId, boolean again) throws SQLException {
    try (PlatformDatabase database = PlatformDatabase.open(file);
        Hub link = Hub.open(hub.login(gateway.address()), 0)) {
      int epoch =
          Integer.parseInt(
              publish(link, "\"op\": \"mark\"").replaceAll(".*\"epoch\": (\\d+).*", "$1"));
      String kept =
          database
              .rows(
                  "SELECT '\"five_minutes_from\": ' || max(five_minutes_from, -62135596800)"
                      + " || ', \"hours_from\": ' || max(hours_from, -62135596800)"
                      + " FROM patronus_rollup")
              .getFirst();
      require(
          publish(
              link,
              "\"op\": \"begin\", \"at\": 1, \"token\": \"t\", \"after\": %d, \"database\": \"%s\", %s%s"
                  .formatted(epoch, databaseId, kept, again ? SHARED : "")),
          "\"epoch\": " + (epoch + 1));
      List<String> batches = batches(database, again);
      for (int i = 0; i < batches.size(); i++) {
        require(
            publish(
                link,
                "\"op\": \"batch\", \"epoch\": %d, \"batch\": %d, \"token\": \"t\", \"sent\": %d, %s, \"complete\": %s"
                    .formatted(
                        epoch + 1,
                        i + 1,
                        System.currentTimeMillis(),
                        batches.get(i),
                        i == batches.size() - 1)),
            "\"taken\": true");
      }
    }
  }

  private static List<String> batches(PlatformDatabase database, boolean again)
      throws SQLException {
    List<String> batches = new ArrayList<>();
    for (Map.Entry<String, List<String>> member : MEMBERS.entrySet()) {
      String from = member.getValue().getLast();
      String table = from.split(" ", -1)[0];
      if (database.number("SELECT count(*) FROM sqlite_schema WHERE name = '" + table + "'") == 0
          || (again && ROWS.contains(member.getKey()))) {
        continue;
      }
      String columns = member.getValue().getFirst();
      long rows = database.number("SELECT count(*) FROM " + from);
      for (long at = 0; at < rows; at += ROWS_PER_BATCH) {
        batches.add(
            "\"%s\": %s"
                .formatted(
                    member.getKey(),
                    database
                        .rows(
                            "SELECT json_group_array(json(r)) FROM (SELECT json_array(%s) AS r FROM %s LIMIT %d OFFSET %d)"
                                .formatted(columns, from, ROWS_PER_BATCH, at))
                        .getFirst()));
      }
    }
    return batches;
  }

  private String publish(Hub link, String members) {
    String call = "{\"gateway\": \"" + gateway.name() + "\", " + members + "}";
    return link.write(handle ->
        handle
            .createQuery("SELECT fleet.publish(?::jsonb)::text")
            .bind(0, call)
            .mapTo(String.class)
            .one());
  }

  private static void require(String answer, String part) {
    if (!answer.contains(part)) {
      throw new IllegalStateException(answer);
    }
  }
}
