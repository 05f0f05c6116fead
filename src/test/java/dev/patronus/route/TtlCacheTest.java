package dev.patronus.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cache.FakeTicker;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TtlCacheTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private final FakeTicker ticker = new FakeTicker();
  private final TtlCache<String, Integer> cache = new TtlCache<>(100, MINUTE, ticker);

  // The twelve that upstream's own tests name; the two caches of the daemon are in RouterTest too.

  @Test
  void basic_operations() {
    assertEquals(Optional.empty(), cache.get("a"));
    cache.insert("a", 1);
    cache.insert("b", 2);
    assertEquals(Optional.of(1), cache.get("a"));
    assertEquals(Optional.of(2), cache.get("b"));
    assertEquals(Optional.empty(), cache.get("c"));
  }

  @Test
  void expiration() {
    cache.insert("a", 1);
    ticker.advance(MINUTE.minusNanos(1));
    assertEquals(Optional.of(1), cache.get("a"));
    ticker.advance(Duration.ofNanos(1));
    assertEquals(Optional.empty(), cache.get("a"));
  }

  @Test
  void custom_time_to_live() {
    cache.insert("short", 1, Duration.ofSeconds(1));
    cache.insert("long", 2, Duration.ofHours(1));
    cache.insert("none", 3, Duration.ZERO);
    assertEquals(Optional.empty(), cache.get("none"));
    ticker.advance(Duration.ofSeconds(1));
    assertEquals(Optional.empty(), cache.get("short"));
    ticker.advance(Duration.ofMinutes(59));
    assertEquals(Optional.of(2), cache.get("long"));
    ticker.advance(Duration.ofSeconds(59));
    assertEquals(Optional.empty(), cache.get("long"));
  }

  @Test
  void remove() {
    cache.insert("a", 1);
    assertTrue(cache.remove("a"));
    assertFalse(cache.remove("a"));
    assertEquals(Optional.empty(), cache.get("a"));
  }

  @Test
  void clean_up_of_all_expired() {
    fill(10, MINUTE);
    ticker.advance(MINUTE);
    assertEquals(10, cache.cleanUp());
    assertEquals(0, cache.cleanUp());
    assertEquals(0, cache.statistics().entries());
  }

  @Test
  void partial_clean_up() {
    fill(10, MINUTE);
    cache.insert("kept", 1, Duration.ofHours(1));
    ticker.advance(MINUTE);
    assertEquals(10, cache.cleanUp());
    assertEquals(Optional.of(1), cache.get("kept"));
  }

  @Test
  void clear() {
    fill(10, MINUTE);
    ticker.advance(MINUTE);
    cache.insert("young", 1);
    assertEquals(11, cache.clear());
    assertEquals(0, cache.clear());
    assertEquals(Optional.empty(), cache.get("young"));
  }

  @Test
  void statistics() {
    fill(4, MINUTE);
    cache.insert("old", 1, Duration.ofSeconds(1));
    ticker.advance(Duration.ofSeconds(1));
    cache.get("0");
    cache.get("1");
    cache.get("2");
    cache.get("old");
    assertEquals(new CacheStatistics(5, 4, 1, 3, 1, 0), cache.statistics());
    assertEquals(0.75, cache.statistics().hitRate());
  }

  @Test
  void metrics_cache() {
    TtlCache<Long, Double> latencies = new TtlCache<>(100, Duration.ofSeconds(60), ticker);
    latencies.insert(7L, 12.5);
    ticker.advance(Duration.ofSeconds(59));
    assertEquals(Optional.of(12.5), latencies.get(7L));
    ticker.advance(Duration.ofSeconds(1));
    assertEquals(Optional.empty(), latencies.get(7L));
  }

  @Test
  void routing_cache() {
    TtlCache<String, Long> paths = new TtlCache<>(100, Duration.ofSeconds(30), ticker);
    assertEquals(new CachedAnswer<>(7L, false, 0), paths.get("flow", _ -> 7L));
    ticker.advance(Duration.ofSeconds(29));
    assertEquals(
        new CachedAnswer<>(7L, true, Duration.ofSeconds(29).toNanos()), paths.get("flow", _ -> 8L));
    ticker.advance(Duration.ofSeconds(1));
    assertEquals(new CachedAnswer<>(8L, false, 0), paths.get("flow", _ -> 8L));
  }

  @Test
  void overwrite() {
    cache.insert("a", 1);
    ticker.advance(Duration.ofSeconds(59));
    cache.insert("a", 2);
    ticker.advance(Duration.ofSeconds(59));
    assertEquals(Optional.of(2), cache.get("a"));
    assertEquals(1, cache.statistics().entries());
  }

  @Test
  void a_single_entrys_expiry() {
    cache.insert("a", 1);
    ticker.advance(Duration.ofSeconds(30));
    cache.insert("b", 2);
    ticker.advance(Duration.ofSeconds(30));
    assertEquals(Optional.empty(), cache.get("a"));
    assertEquals(Optional.of(2), cache.get("b"));
  }

  // What else must hold.

  @Test
  void a_key_that_was_never_held_is_a_miss_and_nothing_asked_is_a_rate_of_zero() {
    assertEquals(0, cache.statistics().hitRate());
    cache.get("a");
    assertEquals(1, cache.statistics().misses());
  }

  @Test
  void an_expired_entry_is_counted_as_expired_until_it_is_cleaned_up_however_much_happens() {
    fill(10, MINUTE);
    ticker.advance(Duration.ofDays(365));
    for (int i = 0; i < 1_000; i++) {
      cache.get("3");
      cache.insert("young", i);
    }
    assertEquals(10, cache.statistics().expired());
    assertEquals(1, cache.statistics().active());
    assertEquals(10, cache.cleanUp());
  }

  @Test
  void the_bound_holds_and_evictions_say_how_many_made_room() {
    fill(250, MINUTE);
    CacheStatistics statistics = cache.statistics();
    assertEquals(100, statistics.entries());
    assertEquals(150, statistics.evictions());
  }

  @Test
  void a_million_different_keys_stay_within_the_bound() {
    TtlCache<Long, Long> narrow = new TtlCache<>(1_000, MINUTE, ticker);
    long most = 0;
    for (long key = 0; key < 1_000_000; key++) {
      narrow.insert(key, key);
      if (key % 1_000 == 0) {
        most = Math.max(most, narrow.statistics().entries());
      }
    }
    CacheStatistics statistics = narrow.statistics();
    assertTrue(Math.max(most, statistics.entries()) <= 1_000, statistics.toString());
    assertEquals(1_000_000 - statistics.entries(), statistics.evictions());
  }

  @Test
  void a_clock_that_wraps_its_numbers_expires_nothing_early_and_nothing_late() {
    ticker.set(Long.MAX_VALUE - 10);
    cache.insert("a", 1, Duration.ofNanos(20));
    ticker.advance(Duration.ofNanos(19));
    assertEquals(Optional.of(1), cache.get("a"));
    ticker.advance(Duration.ofNanos(1));
    assertEquals(Optional.empty(), cache.get("a"));
    cache.insert("b", 1, Duration.ofSeconds(Long.MAX_VALUE));
    ticker.advance(Duration.ofDays(36_500));
    assertEquals(Optional.of(1), cache.get("b"));
  }

  @Test
  void a_loader_that_throws_leaves_nothing_behind() {
    assertThrows(
        IllegalStateException.class,
        () ->
            cache.get(
                "a",
                _ -> {
                  throw new IllegalStateException("no data");
                }));
    assertEquals(0, cache.statistics().entries());
  }

  @Test
  void a_value_begun_before_an_invalidation_is_given_and_forgotten() {
    for (Runnable invalidation :
        new Runnable[] {
          cache::clear, () -> cache.remove("a"), () -> cache.removeIf((_, _) -> false)
        }) {
      CachedAnswer<Integer> answer =
          cache.get(
              "a",
              _ -> {
                invalidation.run();
                return 1;
              });
      assertEquals(new CachedAnswer<>(1, false, 0), answer);
      assertEquals(Optional.empty(), cache.get("a"));
    }
  }

  @Test
  void a_value_is_taken_in_only_in_the_epoch_that_it_was_begun_in() {
    long begun = cache.epoch();
    assertTrue(cache.insertIfCurrent("a", 1, begun));
    cache.remove("b");
    assertFalse(cache.insertIfCurrent("a", 2, begun));
    assertEquals(Optional.of(1), cache.get("a"));
  }

  @Test
  void a_clean_up_invalidates_nothing() {
    long begun = cache.epoch();
    cache.cleanUp();
    assertTrue(cache.insertIfCurrent("a", 1, begun));
  }

  @Test
  void entries_are_removed_by_what_they_hold() {
    fill(10, MINUTE);
    assertEquals(5, cache.removeIf((_, value) -> value % 2 == 0));
    assertEquals(Optional.empty(), cache.get("4"));
    assertEquals(Optional.of(5), cache.get("5"));
  }

  @Test
  void nonsense_is_refused() {
    assertThrows(IllegalArgumentException.class, () -> new TtlCache<>(0, MINUTE, ticker));
    Duration negative = Duration.ofNanos(-1);
    assertThrows(IllegalArgumentException.class, () -> cache.insert("a", 1, negative));
    assertThrows(NullPointerException.class, () -> cache.insert("a", null));
  }

  @Test
  void random_operations_do_what_a_plain_map_of_deadlines_does() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Map<String, long[]> plain = new HashMap<>(); // key to deadline and value
    for (int i = 0; i < 20_000; i++) {
      String key = "k" + random.nextInt(50);
      int value = i;
      long now = ticker.getAsLong();
      switch (random.nextInt(20)) {
        case 0 -> assertEquals(plain.remove(key) != null, cache.remove(key), "seed " + seed);
        case 1 -> {
          int before = plain.size();
          plain.values().removeIf(each -> each[0] <= now);
          assertEquals(before - plain.size(), cache.cleanUp(), "seed " + seed);
        }
        case 2 -> {
          if (random.nextInt(20) == 0) {
            assertEquals(plain.size(), cache.clear(), "seed " + seed);
            plain.clear();
          }
        }
        case 3, 4, 5, 6, 7 -> {
          int seconds = random.nextInt(100);
          plain.put(key, new long[] {now + seconds * 1_000_000_000L, value});
          cache.insert(key, value, Duration.ofSeconds(seconds));
        }
        case 8 -> ticker.advance(Duration.ofSeconds(random.nextInt(20)));
        default -> {
          long[] held = plain.get(key);
          boolean live = held != null && held[0] > now;
          assertEquals(
              live ? Optional.of((int) held[1]) : Optional.empty(), cache.get(key), "seed " + seed);
        }
      }
      long active = plain.values().stream().filter(e -> e[0] > ticker.getAsLong()).count();
      CacheStatistics statistics = cache.statistics();
      assertEquals(active, statistics.active(), "seed " + seed);
      assertEquals(plain.size() - active, statistics.expired(), "seed " + seed);
    }
  }

  @Test
  void no_value_from_before_an_acknowledged_change_is_served_after_it() throws Exception {
    AtomicLong truth = new AtomicLong();
    AtomicLong acknowledged = new AtomicLong();
    AtomicBoolean over = new AtomicBoolean();
    ConcurrentLinkedQueue<String> stale = new ConcurrentLinkedQueue<>();
    TtlCache<Integer, Long> versions = new TtlCache<>(64, MINUTE, System::nanoTime);
    Thread[] askers = new Thread[4];
    for (int i = 0; i < askers.length; i++) {
      Random random = new Random(i);
      askers[i] =
          Thread.ofPlatform()
              .name("asker-" + i)
              .start(() -> {
                while (!over.get()) {
                  long known = acknowledged.get();
                  long served = versions.get(random.nextInt(100), _ -> truth.get()).value();
                  if (served < known) {
                    stale.add(served + " after " + known);
                  }
                }
              });
    }
    for (long version = 1; version <= 20_000; version++) {
      truth.set(version);
      switch ((int) (version % 3)) {
        case 0 -> versions.clear();
        case 1 -> versions.removeIf((_, _) -> true);
        default -> {
          for (int key = 0; key < 100; key++) {
            versions.remove(key);
          }
        }
      }
      acknowledged.set(version);
    }
    over.set(true);
    for (Thread asker : askers) {
      asker.join();
    }
    assertEquals("[]", stale.toString());
  }

  private void fill(int count, Duration ttl) {
    for (int i = 0; i < count; i++) {
      cache.insert(Integer.toString(i), i, ttl);
    }
  }
}
