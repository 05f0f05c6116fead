package dev.patronus.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import java.time.Duration;
import java.util.Random;
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
/// Caffeine with its own expiry and statistics, and the clock alone; and what an insertion into a
/// full cache costs. 64 keys lie in the processor's nearest cache, 65,536 do not.
///
///     ./mvnw -q -Pbench -DskipTests test-compile exec:exec@bench -Dbench=TtlCacheBenchmark
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
    cache = new TtlCache<>(entries * 2, Duration.ofHours(1), System::nanoTime);
    caffeine =
        Caffeine.newBuilder()
            .maximumSize(entries * 2L)
            .expireAfterWrite(Duration.ofHours(1))
            .recordStats()
            .build();
    keys = new FlowKey[entries];
    for (int i = 0; i < entries; i++) {
      keys[i] = flow(random.nextLong());
      cache.insert(keys[i], (long) i);
      caffeine.put(keys[i], (long) i);
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
