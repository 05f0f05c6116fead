package dev.patronus.testing;

import dev.patronus.testing.PlatformDatabase.Age;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;

/// A database of an age in which every command finds something: the names that the examples of the
/// help use, rows in each table that the age has, one policy with a mistake in its rules, one id
/// beyond 2^63, and a day of history with a reset in it.
public final class SampleDatabase {
  /// When the last snapshot was taken.
  public static final Instant NEWEST = Instant.parse("2026-11-23T13:59:00Z");

  public static final String BERLIN = "bdd640fb-0667-4ad1-9c80-317fa3b1799d";
  public static final String HAMBURG = "23b8c1e9-3924-46de-beb1-3b9046685257";
  public static final String LYON = "bd9c66b3-ad3c-4d6d-9a3d-1fa7bc8960a9";
  public static final String PORTO = "972a8469-1641-4f82-8b9d-2434e465e150";

  private static final long NEWEST_SECOND = NEWEST.getEpochSecond();
  private static final int STEP_SECONDS = 300;
  private static final int STEPS = 300;
  private static final long VOICE = Long.MIN_VALUE;

  private SampleDatabase() {}

  /// Makes `sdwan.db` in the folder.
  public static Path make(Path folder, Age age) throws SQLException, IOException {
    try (PlatformDatabase database = PlatformDatabase.create(folder, age)) {
      database.inOneTransaction(() -> fill(database, age));
      return database.file();
    }
  }

  private static void fill(PlatformDatabase database, Age age) throws SQLException {
    sites(database);
    policies(database);
    if (age != Age.BEFORE_SPRINT_30) {
      traffic(database);
      database.run(
          "INSERT INTO sdwan_system_metrics (timestamp, throughput_mbps, packets_per_second,"
              + " active_flows, avg_latency_ms, avg_packet_loss, cpu_usage, memory_usage)"
              + " VALUES (?, 61.5, 9000, 339, 14.25, 0.02, 11.5, 40)",
          NEWEST_SECOND);
    }
    if (age == Age.NEWEST) {
      failover(database);
      trail(database);
    }
  }

  private static void sites(PlatformDatabase database) throws SQLException {
    database
        .site(BERLIN, "berlin")
        .site(HAMBURG, "hamburg")
        .site(LYON, "lyon")
        .site(PORTO, "porto")
        .endpoint(BERLIN, "192.0.2.1:51820")
        .endpoint(PORTO, "192.0.2.4:51820")
        .path(1, BERLIN, HAMBURG)
        .path(2, HAMBURG, BERLIN)
        .path(3, PORTO, BERLIN)
        .path(4, LYON, PORTO)
        .run("UPDATE sdwan_sites SET last_seen = ?", NEWEST_SECOND)
        .run("UPDATE sdwan_sites SET status = 'inactive' WHERE site_name = 'porto'")
        .run("UPDATE sdwan_paths SET status = 'degraded' WHERE path_id = 3");
    for (int path = 1; path <= 4; path++) {
      database.metric(path, NEWEST_SECOND - 60, 10 + path).metric(path, NEWEST_SECOND, 12.5);
    }
  }

  private static void policies(PlatformDatabase database) throws SQLException {
    database
        .policy(VOICE, "voice", 1000, "{\"protocol\":17,\"dst_port_range\":[5060,5061]}")
        .policy(7, "office", 500, "{\"dst_port_range\":[443,443]}")
        .policy(9, "guests", 200, "{\"src_ip\":\"10.99.0.0/33\"}")
        .policy(11, "default", 0, "{}");
  }

  /// A reset in the middle: the counters of all policies begin anew.
  private static void traffic(PlatformDatabase database) throws SQLException {
    for (int step = 0; step < STEPS; step++) {
      long at = NEWEST_SECOND - (long) (STEPS - 1 - step) * STEP_SECONDS;
      long count = step < STEPS / 2 ? step : step - STEPS / 2;
      database.stat(VOICE, at, count * 100, count * 20_000, 3);
      database.stat(7, at, count * 1_000, count * 900_000, 40);
      database.stat(11, at, count * 10, count * 5_000, 1);
    }
  }

  private static void failover(PlatformDatabase database) throws SQLException {
    database
        .run(
            "INSERT INTO sdwan_failover_policies (policy_id, name, primary_path_id,"
                + " backup_path_ids) VALUES (1, 'wan', '1', '[\"3\"]'), (2, 'lte', '3', '[\"1\"]')")
        .run(
            "INSERT INTO sdwan_failover_events (policy_id, event_type, reason, timestamp)"
                + " VALUES (1, 'failed', 'test', ?)",
            NEWEST_SECOND)
        .run(
            "INSERT INTO sdwan_path_health (path_id, timestamp, latency_ms, packet_loss_pct,"
                + " jitter_ms, health_score, status) VALUES ('1', ?, 12.5, 0.1, 1.5, 92, 'up')",
            NEWEST_SECOND)
        .run(
            "INSERT INTO sdwan_flows (src_ip, dst_ip, src_port, dst_port, protocol, path_id,"
                + " started_at, last_seen_at) VALUES ('10.0.0.1', '10.0.0.2', 5, 443, 6, 2, ?, ?)",
            NEWEST_SECOND - 60,
            NEWEST_SECOND);
  }

  private static void trail(PlatformDatabase database) throws SQLException {
    database.run(
        "INSERT INTO audit_logs (timestamp, user_id, ip_address, user_agent, event_type,"
            + " event_data, success, severity) VALUES ('2026-11-23T09:00:00Z', 'alice',"
            + " '198.51.100.7', 'dashboard', 'site_delete',"
            + " '{\"site_delete\":{\"site_id\":\"x\",\"blocked\":true}}', 0, 'warning')");
  }
}
