package dev.patronus.route;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/// What a [TtlCache] serves in many [Schedules] of two threads.
///
/// Seen to fail when [TtlCache#insertIfCurrent] does not compare the epochs, when it takes no lock,
/// and when an invalidation advances the epoch after it has removed entries, or not at all.
public class TtlCacheRaceTest {
  private static final String KEY = "key";

  private final AtomicInteger source = new AtomicInteger();
  private final TtlCache<String, Integer> cache = new TtlCache<>(10, Duration.ofHours(1), () -> 0L);
  private volatile boolean stale;

  @Operation
  public void read() {
    boolean _ = cache.get(KEY, _ -> source.get()).cached();
  }

  @Operation
  public void change() {
    int current = source.incrementAndGet();
    boolean _ = cache.remove(KEY);
    if (cache.get(KEY, _ -> source.get()).value() < current) {
      stale = true;
    }
  }

  @Operation
  public void changeAll() {
    int current = source.incrementAndGet();
    int _ = cache.clear();
    if (cache.get(KEY, _ -> source.get()).value() < current) {
      stale = true;
    }
  }

  @Validate
  public void isCurrent() {
    if (stale || cache.get(KEY).filter(value -> value != source.get()).isPresent()) {
      throw new IllegalStateException("a value from before an invalidation was served after it");
    }
  }

  @Test
  void no_schedule_serves_a_value_from_before_an_invalidation() {
    Schedules.check(TtlCacheRaceTest.class);
  }
}
