package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PathCommandsTest {
  private static final long MINUTE_AGO = 1795442340;

  @TempDir private Path folder;

  private PlatformDatabase database(Age age) throws SQLException, IOException {
    PlatformDatabase database = PlatformDatabase.create(folder, age);
    database
        .site("aa", "berlin")
        .site("bb", "lyon")
        .site("cc", "oslo")
        .path(1, "aa", "bb")
        .path(2, "bb", "aa")
        .path(3, "cc", "bb")
        .metric(1, MINUTE_AGO - 60, 30.25)
        .metric(1, MINUTE_AGO, 12.5)
        .metric(1, MINUTE_AGO - 120, 99)
        .metric(2, MINUTE_AGO, 7)
        .run("UPDATE sdwan_paths SET status = 'degraded' WHERE path_id = 2");
    return database;
  }

  private CommandLineRun cli() {
    return CommandLineRun.on(folder.resolve("sdwan.db"));
  }

  @ParameterizedTest
  @EnumSource(Age.class)
  void the_list_has_the_newest_measurement_of_each_path(Age age) throws Exception {
    try (PlatformDatabase _ = database(age)) {
      assertEquals(
          """
          ID  FROM    TO      STATUS    LATENCY    LOSS  MBIT/S  SCORE    AGE
          1   berlin  lyon    up        12.5 ms  0.10 %     500     90  1 min
          2   lyon    berlin  degraded   7.0 ms  0.10 %     500     90  1 min
          3   oslo    lyon    up              -       -       -      -      -
          """,
          cli().out("path", "list"));
    }
  }

  @Test
  void a_site_and_a_status_choose_paths() throws Exception {
    try (PlatformDatabase _ = database(Age.NEWEST)) {
      assertEquals("path_id\r\n1\r\n2\r\n", ids("--site", "BER"));
      assertEquals("path_id\r\n2\r\n", ids("--site", "aa", "--status", "down,DEGRADED"));
      assertEquals("path_id\r\n", ids("--status", "down"));
      assertEquals("No matching paths.\n", cli().out("path", "list", "--status", "down"));
    }
  }

  @Test
  void down_for_is_since_the_first_sample_of_an_unbroken_row_that_say_so() throws Exception {
    try (PlatformDatabase database = database(Age.NEWEST)) {
      database.run("UPDATE sdwan_paths SET status = 'down'");
      health(database, 1, MINUTE_AGO - 7200, "down");
      health(database, 1, MINUTE_AGO - 5400, "up");
      health(database, 1, MINUTE_AGO - 3540, "down");
      health(database, 1, MINUTE_AGO, "down");
      health(database, 2, MINUTE_AGO - 9000, "down"); // and nothing since
      health(database, 3, MINUTE_AGO - 9000, "degraded");
      assertEquals("path_id\r\n1\r\n2\r\n", ids("--down-for", "1h")); // to the second
      assertEquals("path_id\r\n2\r\n", ids("--down-for", "3601s"));
      database.run("UPDATE sdwan_paths SET status = 'up' WHERE path_id = 2");
      assertEquals("path_id\r\n1\r\n", ids("--down-for", "1h"));
    }
  }

  private static void health(PlatformDatabase database, long path, long at, String status)
      throws SQLException {
    database.run(
        "INSERT INTO sdwan_path_health (path_id, timestamp, latency_ms, packet_loss_pct,"
            + " jitter_ms, health_score, status) VALUES (?, ?, 12, 0.5, 1, 97.5, ?)",
        Long.toString(path),
        at,
        status);
  }

  @Test
  void down_for_is_refused_where_nobody_says_since_when() throws Exception {
    try (PlatformDatabase _ = database(Age.SPRINT_30)) {
      cli()
          .run("path", "list", "--down-for", "1h")
          .failed(
              ExitCode.FAILED,
              "schema version 'sprint-30' has no table sdwan_path_health, which --down-for needs;"
                  + " use --status down");
    }
  }

  @Test
  void rows_are_sorted_by_a_column_named_in_any_way() throws Exception {
    try (PlatformDatabase _ = database(Age.NEWEST)) {
      assertEquals("path_id\r\n1\r\n2\r\n3\r\n", ids("--sort", "LATENCY"));
      assertEquals("path_id\r\n2\r\n1\r\n3\r\n", ids("--sort", "to"));
      assertEquals("path_id\r\n1\r\n", ids("--sort", "latency_ms", "-n", "1"));
      cli()
          .run("path", "list", "--sort", "weight")
          .failed(
              ExitCode.USAGE,
              "--sort: no column 'weight'; there are path_id, src_site_name, dst_site_name,"
                  + " status, latency_ms, packet_loss_pct, bandwidth_mbps, score, active_flows,"
                  + " packets, bytes, age_seconds, measured_at, jitter_ms, mtu, wg_interface,"
                  + " src_endpoint, dst_endpoint, src_site_id, dst_site_id");
    }
  }

  private String ids(String... filters) {
    return cli().out(words("path list -o csv --columns path_id", filters));
  }

  private static String[] words(String start, String... more) {
    return (start + " " + String.join(" ", more)).split(" ", -1);
  }

  @Test
  void the_newest_measurements_come_by_one_step_in_the_index() throws Exception {
    try (PlatformDatabase database = database(Age.NEWEST)) {
      String plan =
          String.join(
              "\n",
              database.rows(
                  "EXPLAIN QUERY PLAN SELECT m.score FROM sdwan_paths p LEFT JOIN"
                      + " sdwan_path_metrics m ON m.metric_id = (SELECT metric_id FROM"
                      + " sdwan_path_metrics WHERE path_id = p.path_id ORDER BY timestamp DESC,"
                      + " metric_id DESC LIMIT 1)"));
      assertEquals(false, plan.contains("TEMP B-TREE") || plan.contains("SCAN sdwan"), plan);
    }
  }

  @Test
  void a_path_is_shown_with_all_that_counts_on_it() throws Exception {
    try (PlatformDatabase database = database(Age.NEWEST)) {
      database
          .run(
              "INSERT INTO sdwan_path_health (path_id, timestamp, latency_ms, packet_loss_pct,"
                  + " jitter_ms, health_score, status) VALUES ('1', ?, 12, 0.5, 1, 97.5, 'up')",
              MINUTE_AGO)
          .run(
              "INSERT INTO sdwan_failover_policies (policy_id, name, primary_path_id,"
                  + " backup_path_ids) VALUES (-1, 'out', '1', '[\"3\"]'),"
                  + " (5, 'spare', '2', '[3, 1]'), (6, 'broken', '2', '[1')");
      assertEquals(
          """
          path id         1
          status          up
          src site name   berlin
          src site id     aa
          src endpoint    192.0.2.1:51820
          dst site name   lyon
          dst site id     bb
          dst endpoint    198.51.100.1:51820
          wg interface    wg0
          measured at     2026-11-23 13:59:00
          latency         12.5 ms
          jitter          1.5 ms
          packet loss     0.10 %
          bandwidth mbps  500
          mtu             1420
          score           90

          Health
          timestamp     2026-11-23 13:59:00
          status        up
          health score  97.50
          latency       12.0 ms
          jitter        1.0 ms
          packet loss   0.50 %

          Failover policies that use it
          FAILOVER POLICY  ROLE     ON   ID
          out              primary  yes  18446744073709551615
          spare            backup   yes  5

          History, newest first
          TIME                 LATENCY  JITTER    LOSS  MBIT/S   MTU  SCORE
          2026-11-23 13:59:00  12.5 ms  1.5 ms  0.10 %     500  1420     90
          2026-11-23 13:58:00  30.3 ms  1.5 ms  0.10 %     500  1420     90
          """,
          cli().out("path", "show", "1", "--limit", "2"));
    }
  }

  @ParameterizedTest
  @EnumSource(Age.class)
  void a_path_that_was_never_measured_is_shown_too(Age age) throws Exception {
    try (PlatformDatabase _ = database(age)) {
      assertEquals(
          """
          {
            "schema": 1,
            "path": {"path_id": "3", "status": "up", "src_site_name": "oslo", "src_site_id": "cc", \
          "src_endpoint": "192.0.2.1:51820", "dst_site_name": "lyon", "dst_site_id": "bb", \
          "dst_endpoint": "198.51.100.3:51820", "wg_interface": "wg0", "measured_at": null, \
          "latency_ms": null, "jitter_ms": null, "packet_loss_pct": null, "bandwidth_mbps": null, \
          "mtu": null, "score": null, "active_flows": null, "packets": null, "bytes": null},
            "traffic_since": null,
            "traffic_estimated": null,
            "failover_policies": [
            ],
            "history": [
            ]
          }
          """,
          cli().out("path", "show", "3", "--json"));
    }
  }

  @Test
  void an_unknown_path_or_site_is_not_found() throws Exception {
    try (PlatformDatabase _ = database(Age.NEWEST)) {
      cli()
          .run("path", "show", "99")
          .failed(
              ExitCode.NOT_FOUND, "path 99 not found; 'patronus path list' shows the 3 that exist");
      cli()
          .run("path", "show", "berlin")
          .failed(ExitCode.USAGE, "ID: must be a whole number of at least 0, was 'berlin'");
      cli()
          .run("path", "list", "--site", "berlim")
          .failed(ExitCode.NOT_FOUND, "site 'berlim' not found; did you mean 'berlin'?");
    }
  }
}
