package dev.patronus.store.maintenance;

import dev.patronus.audit.Actor;
import dev.patronus.store.Database;
import dev.patronus.store.rollup.Rollup;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/// Creates a small demo database: five sites in a mesh, policies with typical rules, one of them
/// wrong, and a week of history with one counter reset.
///
/// The same seed and instant give the same rows.
public final class DemoDatabase {
  private static final List<String> SITES = List.of("berlin", "hamburg", "lyon", "oslo", "porto");
  private static final int MINUTE = 60;
  private static final int HOUR = 60 * MINUTE;
  private static final int DAY = 24 * HOUR;
  private static final int STEP = 5 * MINUTE;
  private static final int KEY_BYTES = 32;

  private final Random random;
  private final Instant now;
  private final long newest;
  private final String[] siteIds = new String[SITES.size()];

  private DemoDatabase(long seed, Instant now) {
    this.random = new Random(seed);
    this.now = now;
    this.newest = Math.floorDiv(now.getEpochSecond(), MINUTE) * MINUTE - MINUTE;
  }

  /// Makes the file.
  ///
  /// @throws dev.patronus.error.UserError if the folder is missing, or the name is taken
  public static void make(Path file, long seed, Actor actor, Instant now) {
    NewDatabase.make(file, actor, now);
    try (Database database = Database.openWritable(file)) {
      database.write(
          actor,
          now,
          transaction -> {
            new DemoDatabase(seed, now).fill(transaction.handle());
            return true;
          });
      new Rollup(database).rollAll(actor, now);
    }
  }

  private void fill(Handle handle) {
    sites(handle);
    paths(handle);
    new DemoTraffic(random, newest, STEP).fill(handle);
    failover(handle);
    flows(handle);
    system(handle);
    trail(handle);
  }

  private void sites(Handle handle) {
    PreparedBatch sites = handle.prepareBatch("INSERT INTO sdwan_sites VALUES (?, ?, ?, ?, ?, ?)");
    PreparedBatch endpoints =
        handle.prepareBatch(
            """
            INSERT INTO sdwan_endpoints
              (site_id, address, interface_type, cost_per_gb, reachable)
            VALUES (?, ?, ?, ?, 1)
            """);
    for (int i = 0; i < SITES.size(); i++) {
      byte[] key = new byte[KEY_BYTES];
      random.nextBytes(key);
      siteIds[i] = UUID.nameUUIDFromBytes(key).toString();
      String status = SITES.get(i).equals("porto") ? "degraded" : "active";
      sites.add(siteIds[i], SITES.get(i), key, newest - (90L - i) * DAY, newest - 20, status);
      endpoints.add(siteIds[i], fiber(i), "fiber", 0.02);
      endpoints.add(siteIds[i], "198.51.100." + (10 + i) + ":51820", "lte", 0.85);
    }
    sites.execute();
    endpoints.execute();
  }

  private static String fiber(int site) {
    return "203.0.113." + (10 + site) + ":51820";
  }

  private void paths(Handle handle) {
    int id = 0;
    for (int from = 0; from < SITES.size(); from++) {
      for (int to = 0; to < SITES.size(); to++) {
        if (from != to) {
          String status = status(++id);
          handle.execute(
              "INSERT INTO sdwan_paths VALUES (?, ?, ?, ?, ?, ?, ?)",
              id,
              siteIds[from],
              siteIds[to],
              fiber(from),
              fiber(to),
              "wg" + to,
              status);
          measurements(handle, id, Math.abs(from - to), status);
        }
      }
    }
  }

  private static String status(int path) {
    return switch (path) {
      case 8 -> "down";
      case 4, 20 -> "degraded";
      default -> "up";
    };
  }

  /// A day of measurements, and an hourly verdict on them.
  private void measurements(Handle handle, int path, int hops, String status) {
    double latency = 6 + 9 * hops + random.nextInt(5);
    double loss = status.equals("up") ? 0.02 : 2.5;
    PreparedBatch metrics =
        handle.prepareBatch(
            """
            INSERT INTO sdwan_path_metrics (path_id, timestamp, latency_ms, jitter_ms,
              packet_loss_pct, bandwidth_mbps, mtu, score)
            VALUES (?, ?, ?, ?, ?, ?, 1420, ?)
            """);
    PreparedBatch verdicts =
        handle.prepareBatch(
            """
            INSERT INTO sdwan_path_health (path_id, timestamp, latency_ms, packet_loss_pct,
              jitter_ms, health_score, status)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """);
    for (long at = newest - DAY; at <= newest; at += STEP) {
      double seen = rounded(latency * (0.9 + random.nextDouble() * 0.3));
      double jitter = rounded(0.3 + random.nextDouble() * 2);
      double lost = rounded(loss * random.nextDouble() * 2);
      long score = Math.round(100 - seen / 2 - lost * 8);
      metrics.add(path, at, seen, jitter, lost, hops > 2 ? 200.0 : 500.0, score);
      if ((newest - at) % HOUR == 0) {
        verdicts.add(Integer.toString(path), at, seen, lost, jitter, (double) score, status);
      }
    }
    metrics.execute();
    verdicts.execute();
  }

  private static double rounded(double value) {
    return Math.round(value * 100) / 100.0;
  }

  private void failover(Handle handle) {
    PreparedBatch policies =
        handle.prepareBatch(
            """
            INSERT INTO sdwan_failover_policies (policy_id, name, primary_path_id, backup_path_ids)
            VALUES (?, ?, ?, ?)
            """);
    policies.add(1, "berlin to hamburg", "1", "[\"2\",\"3\"]");
    policies.add(2, "oslo to berlin", "13", "[\"14\"]");
    policies.execute();
    PreparedBatch events =
        handle.prepareBatch(
            """
            INSERT INTO sdwan_failover_events (policy_id, event_type, from_path_id, to_path_id,
              reason, timestamp)
            VALUES (?, ?, ?, ?, ?, ?)
            """);
    events.add(1, "triggered", "1", "3", "health score 41.5 below 50", newest - 2 * DAY);
    events.add(1, "completed", "1", "3", "3 flows moved", newest - 2 * DAY + 4);
    events.add(2, "triggered", "13", "14", "path down", newest - 30 * HOUR);
    events.execute();
  }

  private void flows(Handle handle) {
    PreparedBatch flows =
        handle.prepareBatch(
            """
            INSERT INTO sdwan_flows (src_ip, dst_ip, src_port, dst_port, protocol, path_id,
              started_at, last_seen_at, bytes_tx, bytes_rx, packets_tx, packets_rx)
            VALUES (?, ?, ?, ?, 6, ?, ?, ?, ?, ?, ?, ?)
            """);
    for (int i = 0; i < 24; i++) {
      long packets = 10L + random.nextInt(5_000);
      flows.add(
          "10." + i % 5 + ".0." + (20 + i),
          "10." + (i + 1) % 5 + ".0.5",
          40_000 + random.nextInt(9_000),
          i % 3 == 0 ? 5432 : 443,
          1 + random.nextInt(20),
          newest - random.nextInt(HOUR),
          newest,
          packets * 180,
          packets * 900,
          packets,
          packets);
    }
    flows.execute();
  }

  private void system(Handle handle) {
    PreparedBatch system =
        handle.prepareBatch(
            """
            INSERT INTO sdwan_system_metrics (timestamp, throughput_mbps, packets_per_second,
              active_flows, avg_latency_ms, avg_packet_loss, cpu_usage, memory_usage)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """);
    for (long at = newest - DAY; at <= newest; at += STEP) {
      double load = random.nextDouble();
      system.add(
          at,
          rounded(40 + 200 * load),
          9_000 + Math.round(20_000 * load),
          120 + Math.round(80 * load),
          rounded(21 + 5 * load),
          rounded(load / 10),
          rounded(8 + 30 * load),
          rounded(31 + load));
    }
    system.execute();
  }

  /// What the dashboard wrote before us; the database itself is a week old, as its history is.
  private void trail(Handle handle) {
    handle.execute("UPDATE audit_logs SET timestamp = ?", now.minusSeconds(7L * DAY).toString());
    PreparedBatch rows =
        handle.prepareBatch(
            """
            INSERT INTO audit_logs (timestamp, user_id, user_email, ip_address, user_agent,
              event_type, event_data, success, severity)
            VALUES (?, ?, ?, ?, 'dashboard', ?, ?, ?, 'info')
            """);
    String yesterday = now.minusSeconds(DAY).toString();
    String mail = "alice@example.com";
    rows.add(yesterday, "alice", mail, "10.0.0.20", "login", "\"login\"", 0);
    rows.add(yesterday, "alice", mail, "10.0.0.20", "login", "\"login\"", 1);
    String data = "{\"policy_update\":{\"name\":\"guests\"}}";
    rows.add(yesterday, "alice", mail, "10.0.0.20", "policy_update", data, 1);
    rows.execute();
  }
}
