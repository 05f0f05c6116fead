package dev.patronus.collect;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.IpAddress;
import dev.patronus.metrics.Metrics;
import dev.patronus.policy.Policy;
import dev.patronus.policy.rule.MatchRules;
import dev.patronus.policy.rule.PathPreference;
import dev.patronus.policy.rule.PortRange;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;

/// A process that counts until it is killed. Each line that it prints is the sum of packets that
/// are counted for sure by then. A packet always has 100 bytes, a batch always 6400 packets, spread
/// over many policies: half a packet or half a batch would show.
final class CountingChild {
  static final String DATABASE = "the database of the test";
  static final String SOURCE = "the source of the test";
  static final int POLICIES = 300;
  static final int BATCH_PACKETS = 6_400;

  private CountingChild() {}

  static List<Policy> policies() {
    List<Policy> policies = new ArrayList<>();
    for (int port = 0; port < POLICIES; port++) {
      MatchRules rules =
          new MatchRules(
              Optional.empty(),
              Optional.empty(),
              OptionalInt.empty(),
              Optional.of(PortRange.parse(String.valueOf(port))),
              OptionalInt.empty(),
              Optional.empty());
      policies.add(
          new Policy(port + 1L, "p" + port, 1, true, rules, PathPreference.Single.LOWEST_LATENCY));
    }
    return policies;
  }

  static TrafficAccounting open(PolicyCounters counters) {
    TrafficAccounting accounting =
        new TrafficAccounting(TrafficAccounting.Settings.DEFAULT, counters, 1, 0, new Metrics());
    accounting.use(policies(), TunnelFilter.NONE);
    return accounting;
  }

  static PolicyCounters counters(Path file) throws IOException {
    return PolicyCounters.open(file, DATABASE, Optional.empty(), new Metrics());
  }

  static long packets(TrafficAccounting accounting) {
    var snapshot = accounting.snapshot(Instant.EPOCH);
    return snapshot.policies().stream().mapToLong(total -> total.packets()).sum()
        + snapshot.unmatched().packets();
  }

  @SuppressWarnings("InfiniteLoopStatement") // until it is killed
  public static void main(String[] arguments) throws IOException {
    PrintStream out = System.out;
    FlowRecord[][] batches = batches(new Random());
    try (PolicyCounters counters = counters(Path.of(arguments[0]))) {
      TrafficAccounting accounting = open(counters);
      CountingProgress progress = new CountingProgress(SOURCE);
      long sum = packets(accounting);
      for (long round = 1; ; round++) {
        FlowRecord[] batch = batches[(int) (round % batches.length)];
        accounting.count(0, batch, batch.length, progress, round);
        sum += BATCH_PACKETS;
        if (round % 10 == 0) {
          accounting.commit();
        }
        if (round % 200 == 0) {
          out.println(sum);
        }
      }
    }
  }

  private static FlowRecord[][] batches(Random random) {
    FlowRecord[][] batches = new FlowRecord[100][64];
    for (FlowRecord[] batch : batches) {
      int rest = BATCH_PACKETS;
      for (int i = 0; i < batch.length; i++) {
        int packets = i + 1 < batch.length ? 1 + random.nextInt(100) : rest;
        batch[i] = record(random, packets);
        rest -= packets;
      }
    }
    return batches;
  }

  private static FlowRecord record(Random random, int packets) {
    int port = random.nextInt(POLICIES + 5);
    IpAddress src = IpAddress.v4(random.nextInt(1000));
    FlowKey key = FlowKey.of(src, 1, IpAddress.v4(1), port, FlowKey.UDP);
    return FlowRecord.at(1_000_000, key, packets, 100L * packets);
  }
}
