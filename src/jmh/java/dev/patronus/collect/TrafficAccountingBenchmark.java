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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What it costs to count a record whose flow is known: in the accounting, which survives a SIGKILL, and
/// in a concurrent map with adders, which do not.
///
///     ./mvnw -q -Pbench test-compile exec:exec@jmh -Djmh=AccountingBenchmark
///
/// Processor time of the thread, ns a record without making it, least of eight rounds taken in
/// turns; JDK 25, two busy cores of a shared machine, 2026-11-23 (read the ratios):
///
/// | flows | policies | accounting | map | |
/// |---|---|---|---|---|
/// | 10,000 | 10 | 43 | 79 | 0.54 |
/// | 10,000 | 1,000 | 59 | 99 | 0.59 |
/// | 1,000,000 | 10 | 126 | 718 | 0.18 |
/// | 1,000,000 | 1,000 | 158 | 863 | 0.18 |
///
/// Looking ahead in passes took the million from 180 to 109 in the same run, and transparent huge
/// pages took a quarter off what was left.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx2g", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED"})
public class TrafficAccountingBenchmark {
  private static final int BATCH = 64;

  /// A branch office, and beyond any cache.
  @Param({"10000", "1000000"})
  public int flows;

  @Param({"10", "1000"})
  public int policies;

  private final FlowRecord[] batch = new FlowRecord[BATCH];
  private final ConcurrentHashMap<FlowKey, Cell> map = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Integer, Total> totals = new ConcurrentHashMap<>();
  private Path file;
  private PolicyCounters counters;
  private TrafficAccounting accounting;
  private final CountingProgress progress = new CountingProgress("benchmark");
  private long random = 88172645463325252L;

  private static final class Cell {
    private final LongAdder packets = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final Total total;
    private volatile long lastSeen;

    Cell(Total total) {
      this.total = total;
    }
  }

  private static final class Total {
    private final LongAdder packets = new LongAdder();
    private final LongAdder bytes = new LongAdder();
  }

  @Setup
  public void open() throws IOException {
    file = Files.createTempFile("counters", "");
    Files.delete(file);
    Metrics metrics = new Metrics();
    counters = PolicyCounters.open(file, "benchmark", Optional.empty(), metrics);
    accounting = new TrafficAccounting(TrafficAccounting.Settings.DEFAULT, counters, 1, 0, metrics);
    List<Policy> all = new ArrayList<>();
    for (int port = 0; port < policies; port++) {
      all.add(policy(port));
    }
    accounting.use(all, TunnelFilter.NONE);
    for (int n = 0; n < flows; n += BATCH) {
      for (int i = 0; i < BATCH; i++) {
        batch[i] = record(Math.min(n + i, flows - 1));
        intoMap(batch[i]);
      }
      accounting.count(0, batch, BATCH, progress, 0);
    }
  }

  /// A policy that matches this destination port.
  static Policy policy(int port) {
    MatchRules rules =
        new MatchRules(
            Optional.empty(),
            Optional.empty(),
            OptionalInt.empty(),
            Optional.of(PortRange.parse(String.valueOf(port))),
            OptionalInt.empty(),
            Optional.empty());
    return new Policy(port + 1L, "p" + port, 1, true, rules, PathPreference.Single.LOWEST_LATENCY);
  }

  private FlowRecord record(int n) {
    FlowKey key =
        FlowKey.of(
            IpAddress.v4(10 << 24 | n >>> 8), 1024 + (n & 255), IpAddress.v4(n), n % policies, 6);
    return FlowRecord.at(1_000, key, 3, 300);
  }

  private int next() {
    random ^= random << 13;
    random ^= random >>> 7;
    random ^= random << 17;
    return (int) ((random >>> 33) * flows >>> 31);
  }

  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void accounting() {
    for (int i = 0; i < BATCH; i++) {
      batch[i] = record(next());
    }
    accounting.count(0, batch, BATCH, progress, 0);
  }

  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void concurrentMap() {
    for (int i = 0; i < BATCH; i++) {
      batch[i] = record(next());
    }
    for (int i = 0; i < BATCH; i++) {
      intoMap(batch[i]);
    }
  }

  private void intoMap(FlowRecord seen) {
    Cell cell = map.computeIfAbsent(seen.key(), this::cell);
    cell.packets.add(seen.packets());
    cell.bytes.add(seen.bytes());
    cell.lastSeen = System.nanoTime();
    cell.total.packets.add(seen.packets());
    cell.total.bytes.add(seen.bytes());
  }

  private Cell cell(FlowKey key) {
    return new Cell(totals.computeIfAbsent(key.dstPort(), _ -> new Total()));
  }

  /// What making the records costs; it is in both.
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public FlowRecord[] recordsAlone() {
    for (int i = 0; i < BATCH; i++) {
      batch[i] = record(next());
    }
    return batch;
  }

  @TearDown
  public void close() throws IOException {
    counters.close();
    Files.delete(file);
  }
}
