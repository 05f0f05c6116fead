package dev.patronus.collect;

import dev.patronus.collect.TrafficAccounting.CompiledPolicies;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.IpAddress;
import dev.patronus.metrics.Metrics;
import dev.patronus.policy.Policy;
import dev.patronus.policy.rule.MatchRules;
import dev.patronus.policy.rule.PathPreference;
import dev.patronus.policy.rule.PortRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// How long the collector's thread takes no records, at most: each of its steps is timed while a
/// million flows begin, are seen, are classified again and end, with 10,000 policies.
///
/// Prints for each kind of event the longest step of each round in milliseconds: a name, a tab, the
/// numbers. The first rounds compile the code and are left out. A step is what happens between two
/// looks at the queue: a batch of 64 records with its part of the cleaning, or one request. Beside it
/// a [ConcurrentHashMap] of adders. Garbage is collected between them, so that with a young
/// generation this large no step waits for it.
///
///     java -Xmx1500m -Xmn700m -XX:+UseSerialGC -cp ... dev.patronus.collect.IngestStalls FLOWS ROUNDS
public final class IngestStalls {
  private static final int BATCH = StagingSink.BATCH;
  private static final int POLICIES = 10_000;
  private static final int REQUESTS = 20;
  private static final int WARM_UP = 2;
  private static final long SECOND = 1_000_000_000L;

  private final int flows;
  private final Map<String, List<Double>> longest = new LinkedHashMap<>();
  private final Map<String, Long> round = new LinkedHashMap<>();
  private final FlowRecord[] batch = new FlowRecord[BATCH];
  private final CountingProgress progress = new CountingProgress("stalls");
  private final List<Policy> policies = policies(0);
  private final List<Policy> others = policies(1);
  private CompiledPolicies compiled = CompiledPolicies.NONE;
  private long random = 88172645463325252L;
  private long now;

  private IngestStalls(int flows) {
    this.flows = flows;
  }

  public static void main(String[] args) throws IOException {
    int flows = Integer.parseInt(args[0]);
    int rounds = Integer.parseInt(args[1]);
    IngestStalls stalls = new IngestStalls(flows);
    for (int i = 0; i < WARM_UP + rounds; i++) {
      System.gc();
      stalls.ours();
      System.gc();
      stalls.map();
      stalls.endRound(i >= WARM_UP);
    }
    stalls.longest.forEach((event, millis) -> {
      StringBuilder line = new StringBuilder(event);
      millis.forEach(each -> line.append(String.format(Locale.ROOT, "\t%.3f", each)));
      System.out.println(line);
    });
  }

  private static List<Policy> policies(int shift) {
    List<Policy> all = new ArrayList<>();
    for (int i = 0; i < POLICIES; i++) {
      MatchRules rules =
          new MatchRules(
              Optional.empty(),
              Optional.empty(),
              OptionalInt.empty(),
              Optional.of(PortRange.parse(String.valueOf(1 + (i + shift) % POLICIES))),
              OptionalInt.empty(),
              Optional.empty());
      all.add(new Policy(i + 1L, "p" + i, 1, true, rules, PathPreference.Single.LOWEST_LATENCY));
    }
    return all;
  }

  /// What is timed.
  @FunctionalInterface
  private interface Step {
    void run();
  }

  private void timed(String event, Step step) {
    long began = System.nanoTime();
    step.run();
    round.merge(event, System.nanoTime() - began, Math::max);
  }

  private void endRound(boolean counts) {
    if (counts) {
      round.forEach((event, nanos) ->
          longest.computeIfAbsent(event, _ -> new ArrayList<>()).add(nanos / 1e6));
    }
    round.clear();
  }

  private static FlowRecord record(int n) {
    FlowKey key =
        FlowKey.of(
            IpAddress.v4(10 << 24 | n >>> 8),
            1024 + (n & 255),
            IpAddress.v4(n),
            1 + n % POLICIES,
            6);
    return FlowRecord.at(1_000, key, 3, 300);
  }

  private void fill(int from) {
    for (int i = 0; i < BATCH; i++) {
      batch[i] = record(Math.min(from + i, flows - 1));
    }
  }

  private void fillAtRandom() {
    for (int i = 0; i < BATCH; i++) {
      random ^= random << 13;
      random ^= random >>> 7;
      random ^= random << 17;
      batch[i] = record((int) ((random >>> 33) * flows >>> 31));
    }
  }

  private void ours() throws IOException {
    Path file = Files.createTempFile("counters", "");
    Files.delete(file);
    Metrics metrics = new Metrics();
    try (PolicyCounters counters = PolicyCounters.open(file, "stalls", Optional.empty(), metrics)) {
      TrafficAccounting accounting =
          new TrafficAccounting(
              new TrafficAccounting.Settings(
                  TrafficAccounting.Settings.DEFAULT.flowTimeout(), flows, false, 1),
              counters,
              1,
              now,
              metrics);
      compiled =
          accounting.use(CompiledPolicies.of(policies, CompiledPolicies.NONE), TunnelFilter.NONE);
      for (int n = 0; n < flows; n += BATCH) {
        fill(n);
        timed("growth", () -> count(accounting));
      }
      for (int n = 0; n < flows; n += BATCH) {
        fillAtRandom();
        timed("none of these", () -> count(accounting));
      }
      System.gc();
      for (int i = 0; i < REQUESTS; i++) {
        timed(
            "snapshot",
            () -> {
              accounting.commit(); // as before each request
              accounting.state(Instant.EPOCH);
            });
        fillAtRandom();
        count(accounting);
      }
      System.gc();
      for (int i = 0; i < REQUESTS; i++) {
        reload(accounting, i % 2 == 0 ? others : policies);
      }
      cleanUp(accounting);
    } finally {
      Files.delete(file);
    }
  }

  private void count(TrafficAccounting accounting) {
    accounting.count(0, batch, BATCH, progress, now);
  }

  private void reload(TrafficAccounting accounting, List<Policy> all) {
    CompiledPolicies next = CompiledPolicies.of(all, compiled);
    timed("reload", () -> compiled = accounting.use(next, TunnelFilter.NONE));
    for (int i = 0; i < 1_000; i++) {
      fillAtRandom();
      timed("classifying again after a reload", () -> count(accounting));
    }
  }

  /// Ends all flows but those that are seen.
  private void cleanUp(TrafficAccounting accounting) {
    now += TrafficAccounting.Settings.DEFAULT.flowTimeout().toNanos() + 2 * SECOND;
    fill(0);
    while (accounting.liveFlows() > BATCH) {
      timed("clean-up", () -> count(accounting));
    }
  }

  // ---- a map of adders --------------------------------------------------------------------------

  private static final class Cell {
    private final LongAdder packets = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private volatile long lastSeen;
  }

  private void map() {
    ConcurrentHashMap<FlowKey, Cell> map = new ConcurrentHashMap<>();
    for (int n = 0; n < flows; n += BATCH) {
      fill(n);
      timed("map: growth", () -> intoMap(map));
    }
    timed("map: clean-up", () -> map.values().removeIf(cell -> cell.lastSeen < Long.MAX_VALUE));
  }

  private void intoMap(Map<FlowKey, Cell> map) {
    for (FlowRecord seen : batch) {
      Cell cell = map.computeIfAbsent(seen.key(), _ -> new Cell());
      cell.packets.add(seen.packets());
      cell.bytes.add(seen.bytes());
      cell.lastSeen = now;
    }
  }
}
