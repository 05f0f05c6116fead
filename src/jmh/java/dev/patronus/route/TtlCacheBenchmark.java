package dev.patronus.route;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/// What a hit costs, on one thread and on two, with the real clock read at each; beside it a hit of
/// Caffeine with its own expiry and statistics, a hit of a plain map that neither bounds nor counts
/// nor expires, and the clock alone; and what an insertion into a full cache costs. The caches are
/// as full as they may be. 64 keys lie in the processor's nearest cache, 65,536 (the daemon's bound)
/// do not: there, the plain map shows what the memory costs.
///
///     ./mvnw -q -Pbench test-compile exec:exec@jmh -Djmh=TtlCacheBenchmark
///
/// JDK 25, two busy cores of a shared machine, 2026-11-26, ns (read the ratios):
///
/// | entries | hit | of Caffeine | of a plain map | clock alone | insertion |
/// |---|---|---|---|---|---|
/// | 64 | 48 | 95 | 11 | 25 | 236 |
/// | 4,096 | 75 | 90 | 16 | 24 | 287 |
/// | 65,536 | 320 | 265 | 59 | 26 | 519 |
///
/// In the last row each hit waits for memory several times, as no gateway's flows do that come in
/// trains of packets.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class TtlCacheBenchmark {
  @Param({"64", "4096", "65536"})
  private int entries;

  private TtlCache<FlowKey, Long> cache;
  private Cache<FlowKey, Long> caffeine;
  private Map<FlowKey, Long> map;
  private FlowKey[] keys;
  private long fresh;

  @State(Scope.Thread)
  public static class Cursor {
    private int at;

    int next(int mask) {
      at = at + 1 & mask;
      return at;
    }
  }

  @Setup
  public void fill() {
    Random random = new Random(42);
    cache = new TtlCache<>(entries, Duration.ofHours(1), System::nanoTime);
    caffeine =
        Caffeine.newBuilder()
            .maximumSize(entries)
            .expireAfterWrite(Duration.ofHours(1))
            .recordStats()
            .build();
    map = new ConcurrentHashMap<>(entries * 2);
    keys = new FlowKey[entries];
    for (int i = 0; i < entries; i++) {
      long bits = random.nextLong();
      keys[i] = flow(bits); // equal to what is held, and another object, as in the daemon
      cache.insert(flow(bits), (long) i);
      caffeine.put(flow(bits), (long) i);
      map.put(flow(bits), (long) i);
    }
  }

  private static FlowKey flow(long bits) {
    return FlowKey.of(
        IpAddress.v4((int) bits),
        (int) (bits >>> 32) & 0xffff,
        IpAddress.v4((int) (bits * 0x9E3779B97F4A7C15L >>> 32)),
        443,
        FlowKey.TCP);
  }

  @Benchmark
  @Threads(1)
  public Object hit(Cursor cursor) {
    return cache.get(keys[cursor.next(entries - 1)]);
  }

  @Benchmark
  @Threads(1)
  public Object hit_of_Caffeine(Cursor cursor) {
    return caffeine.getIfPresent(keys[cursor.next(entries - 1)]);
  }

  @Benchmark
  @Threads(1)
  public Object hit_of_a_plain_map(Cursor cursor) {
    return map.get(keys[cursor.next(entries - 1)]);
  }

  @Benchmark
  @Threads(1)
  public long the_clock_alone() {
    return System.nanoTime();
  }

  @Benchmark
  @Threads(1)
  public Object hit_with_loader(Cursor cursor) {
    return cache.get(keys[cursor.next(entries - 1)], _ -> 0L);
  }

  @Benchmark
  @Threads(2)
  public Object hit_two_threads(Cursor cursor) {
    return cache.get(keys[cursor.next(entries - 1)]);
  }

  @Benchmark
  @Threads(1)
  public void insertion_into_a_full_cache() {
    cache.insert(flow(fresh++), 0L);
  }
}
