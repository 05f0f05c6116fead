package dev.patronus.route;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// Ten million different flows pass through a cache in a heap of 64 MB, where all of them together
/// would need some 1.5 GB: it ends with the bound's number of entries, or with an
/// `OutOfMemoryError`.
///
///     ./mvnw -q -Pbench test-compile exec:exec@jmh -Djmh=TtlCacheBound
///
/// JDK 25, 2026-11-26: with a bound of 10,000 it ends with 5 MB of heap, with one of 65,536 with 14.
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 0)
@Measurement(iterations = 1)
@Fork(value = 1, jvmArgs = "-Xmx64m")
@State(Scope.Benchmark)
public class TtlCacheBound {
  private static final int FLOWS = 10_000_000;

  @Param({"10000", "65536"})
  private int bound;

  @AuxCounters(AuxCounters.Type.EVENTS)
  @State(Scope.Thread)
  public static class Held {
    public long entries;
    public long evictions;
    public long heapMegabytes;
  }

  @Benchmark
  public void ten_million_flows_pass(Held held) {
    TtlCache<FlowKey, Long> cache = new TtlCache<>(bound, Duration.ofSeconds(30), System::nanoTime);
    for (int i = 0; i < FLOWS; i++) {
      FlowKey flow = FlowKey.of(IpAddress.v4(i), 1, IpAddress.v4(~i), 443, FlowKey.TCP);
      cache.get(flow, _ -> 7L);
    }
    CacheStatistics statistics = cache.statistics();
    if (statistics.entries() > bound) {
      throw new AssertionError("the bound is " + bound + ", held are " + statistics.entries());
    }
    System.gc();
    Runtime heap = Runtime.getRuntime();
    held.entries = statistics.entries();
    held.evictions = statistics.evictions();
    held.heapMegabytes = (heap.totalMemory() - heap.freeMemory()) >> 20;
  }
}
