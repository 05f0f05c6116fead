package dev.patronus.store.maintenance;

import java.util.List;
import java.util.Random;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/// The policies of [DemoDatabase], and a week of what they carried: days are busy, nights are for
/// backups, and in the third night from the end the counters were reset after half an hour of
/// silence.
final class DemoTraffic {
  private static final int DAY = 86_400;
  private static final int WEEK = 7 * DAY;
  private static final int SILENCE = 1_800;

  /// A policy, and how much it carries.
  ///
  /// @param packets packets per second at its busiest
  /// @param size the typical IP bytes of a packet
  /// @param atNight whether its busy hours are at night
  private record Made(
      String name,
      long priority,
      String rules,
      String preference,
      boolean enabled,
      int packets,
      int size,
      boolean atNight) {}

  private static final List<Made> POLICIES =
      List.of(
          new Made(
              "voice",
              1000,
              "{\"application_class\":\"VoIP\"}",
              "\"LowestLatency\"",
              true,
              900,
              210,
              false),
          new Made(
              "video",
              900,
              "{\"application_class\":\"VideoConference\"}",
              "{\"Custom\":{\"latency_weight\":0.4,\"jitter_weight\":0.3,\"loss_weight\":0.2,"
                  + "\"bandwidth_weight\":0.1,\"cost_weight\":0.0}}",
              true,
              2_400,
              980,
              false),
          new Made(
              "database",
              800,
              "{\"src_ip\":\"10.0.0.0/16\",\"dst_ip\":\"10.1.0.5\","
                  + "\"dst_port_range\":[5432,5432],\"protocol\":6}",
              "\"LowestPacketLoss\"",
              true,
              700,
              640,
              false),
          new Made(
              "office",
              500,
              "{\"src_ip\":\"10.0.0.0/8\",\"application_class\":\"Web\"}",
              "\"HighestBandwidth\"",
              true,
              5_200,
              1_100,
              false),
          new Made(
              "backup",
              300,
              "{\"dst_port_range\":[10000,10999],\"protocol\":6}",
              "\"LowestCost\"",
              true,
              8_000,
              1_380,
              true),
          new Made(
              "guests", 200, "{\"src_ip\":\"10.99.0.0/33\"}", "\"LowestCost\"", true, 0, 0, false),
          new Made(
              "branch-7",
              150,
              "{\"src_ip\":\"192.168.7.0/24\"}",
              "\"LowestCost\"",
              false,
              0,
              0,
              false),
          new Made("default", 0, "{}", "\"LowestCost\"", true, 1_100, 520, false));

  private static final String INSERT =
      """
      INSERT INTO sdwan_policy_stats (policy_id, timestamp, packets_matched, bytes_matched,
        active_flows)
      VALUES (?, ?, ?, ?, ?)
      """;

  private final Random random;
  private final long newest;
  private final int step;

  /// @param newest the epoch second of the last snapshot
  DemoTraffic(Random random, long newest, int step) {
    this.random = random;
    this.newest = newest;
    this.step = step;
  }

  void fill(Handle handle) {
    for (Made made : POLICIES) {
      long id = random.nextLong();
      handle.execute(
          "INSERT INTO sdwan_policies VALUES (?, ?, ?, ?, ?, ?)",
          id,
          made.name(),
          made.priority(),
          made.rules(),
          made.preference(),
          made.enabled() ? 1 : 0);
      if (made.packets() > 0) {
        PreparedBatch stats = handle.prepareBatch(INSERT);
        history(
            made.packets(),
            made.size(),
            made.atNight(),
            90,
            (at, packets, bytes, flows) -> stats.add(id, at, packets, bytes, flows));
        stats.execute();
      }
    }
    PreparedBatch unmatched =
        handle.prepareBatch("INSERT INTO patronus_unmatched_stats VALUES (?, ?, ?, ?)");
    history(8, 140, false, 6, unmatched::add);
    unmatched.execute();
  }

  /// Takes one reading.
  private interface Rows {
    void add(long at, long packets, long bytes, long flows);
  }

  /// A week of readings, with a silence and a reset two days ago.
  private void history(int rate, int size, boolean atNight, int flows, Rows rows) {
    long restart = newest - newest % DAY - 2 * DAY + 7_200;
    long packets = 0;
    long bytes = 0;
    for (long at = newest - WEEK; at <= newest; at += step) {
      double load = load(at, atNight);
      long more = Math.round(rate * load * step);
      boolean silent = at >= restart && at < restart + SILENCE;
      boolean first = at >= restart + SILENCE && at - step < restart + SILENCE;
      packets = first ? more : packets + more;
      bytes = first ? more * size : bytes + Math.round(more * size * jitter());
      if (!silent) {
        rows.add(at, packets, bytes, Math.round(flows * load));
      }
    }
  }

  /// From 0 to 1: a day's curve, less of it at the weekend, with some noise.
  private double load(long at, boolean atNight) {
    double hour = at % DAY / 3600.0;
    double day = Math.max(0.03, Math.sin((hour - 6) / 13 * Math.PI));
    double curve =
        atNight ? (hour >= 1 && hour < 4 ? 0.9 : 0.02) : hour < 6 || hour > 19 ? 0.03 : day;
    long weekday = Math.floorMod(at / DAY + 3, 7L); // 1970-01-01 was a Thursday; 0 is Monday
    return curve * (weekday >= 5 && !atNight ? 0.25 : 1) * jitter();
  }

  private double jitter() {
    return 0.9 + random.nextDouble() * 0.2;
  }
}
