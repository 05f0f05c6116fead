package dev.patronus.route;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Policy;
import dev.patronus.metrics.Counter;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// A bounded map whose entries are served for a time only, and are counted.
///
/// Safe from any thread. A hit takes no lock.
///
/// *Expiry.* Each entry carries its own deadline, and only this class reads it; Caffeine underneath
/// does not manage expiry and only keeps the bound, on the thread that inserts. Had it its own
/// deadlines, it would drop expired entries whenever it tidies up, and neither the number of
/// expired entries nor the count that a clean-up returns would be exact. An expired entry is never
/// served; it stays, counted as expired, until a clean-up, another value under its key, or the
/// bound takes it away.
///
/// *The bound.* Who makes room is decided by who was asked for lately and often. To note that costs
/// Caffeine far more than the look into its map, so only one hit is reported to it in [#NOTED_OF]
/// alone, picked by chance: what is asked for often is still known to be, and a hit costs little
/// more than one in a plain map.
///
/// *Staleness.* An invalidation ([#remove], [#removeIf], [#clear]) begins a new epoch. A value that
/// was begun in an older epoch may be made of what was invalid, and is not taken in: [#get(Object,
/// Function)] gives it to its caller, whose question was older than the invalidation too, and
/// forgets it. Insertions share a lock that invalidations take alone, so no insertion can pass
/// between the check of its epoch and the invalidation's removal.
public final class TtlCache<K, V> {
  /// No entry lives longer, lest deadlines overflow: 146 years.
  private static final long TTL_NANOS_MAX = Long.MAX_VALUE / 2;

  /// Of so many hits, Caffeine notes one. A power of two.
  private static final int NOTED_OF = 16;

  private final Cache<K, Entry<V>> entries;
  private final Policy<K, Entry<V>> quietly;
  private final long ttlNanos;
  private final LongSupplier nanoClock;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private final Counter hits = new Counter();
  private final Counter misses = new Counter();
  private final Counter evictions = new Counter();
  private final AtomicLong epoch = new AtomicLong();

  /// What is held under a key. Compared by identity: two entries of equal values are still two.
  private static final class Entry<V> {
    private final V value;
    private final long insertedNanos;
    private final long ttlNanos;

    Entry(V value, long insertedNanos, long ttlNanos) {
      this.value = Objects.requireNonNull(value, "value");
      this.insertedNanos = insertedNanos;
      this.ttlNanos = ttlNanos;
    }

    boolean isExpired(long nowNanos) {
      return nowNanos - insertedNanos >= ttlNanos;
    }
  }

  /// @param entriesMax how many entries are held at most; beyond, those that were asked for least
  ///   make room
  /// @param ttl how long an entry is served if nothing else is said
  /// @param nanoClock monotonic, as [System#nanoTime]
  public TtlCache(int entriesMax, Duration ttl, LongSupplier nanoClock) {
    if (entriesMax < 1) {
      throw new IllegalArgumentException("entriesMax must be positive, was " + entriesMax);
    }
    this.ttlNanos = nanos(ttl);
    this.nanoClock = nanoClock;
    this.entries =
        Caffeine.newBuilder()
            .maximumSize(entriesMax)
            .executor(Runnable::run)
            .evictionListener((_, _, _) -> evictions.increment())
            .build();
    this.quietly = entries.policy();
  }

  private static long nanos(Duration ttl) {
    if (ttl.isNegative()) {
      throw new IllegalArgumentException("time to live must not be negative, was " + ttl);
    }
    return ttl.compareTo(Duration.ofNanos(TTL_NANOS_MAX)) > 0 ? TTL_NANOS_MAX : ttl.toNanos();
  }

  /// The value that is held for the key; empty if there is none, or it has expired.
  public Optional<V> get(K key) {
    Entry<V> entry = live(key, nanoClock.getAsLong());
    return entry == null ? Optional.empty() : Optional.of(entry.value);
  }

  /// The value that is held for the key, with its age; empty as [#get(Object)] is.
  public Optional<CachedAnswer<V>> held(K key) {
    long now = nanoClock.getAsLong();
    Entry<V> entry = live(key, now);
    return entry == null
        ? Optional.empty()
        : Optional.of(new CachedAnswer<>(entry.value, true, now - entry.insertedNanos));
  }

  /// The value that is held for the key, else one that `loader` makes and that is held from now on.
  ///
  /// The loader runs on this thread, without a lock; several threads that miss the same key make
  /// several values, and the last one stays. What it throws goes to the caller, and nothing is
  /// held.
  public CachedAnswer<V> get(K key, Function<? super K, ? extends V> loader) {
    long now = nanoClock.getAsLong();
    Entry<V> entry = live(key, now);
    if (entry != null) {
      return new CachedAnswer<>(entry.value, true, now - entry.insertedNanos);
    }
    long begun = epoch();
    V value = loader.apply(key);
    insertIfCurrent(key, value, begun);
    return new CachedAnswer<>(value, false, 0);
  }

  private @Nullable Entry<V> live(K key, long nowNanos) {
    boolean noted = (ThreadLocalRandom.current().nextInt() & NOTED_OF - 1) == 0;
    Entry<V> entry = noted ? entries.getIfPresent(key) : quietly.getIfPresentQuietly(key);
    if (entry == null || entry.isExpired(nowNanos)) {
      misses.increment();
      return null;
    }
    hits.increment();
    return entry;
  }

  /// Stores the value for the default lifetime, replacing the previous one.
  public void insert(K key, V value) {
    put(key, value, ttlNanos);
  }

  /// Holds the value for a time of its own, in place of the one before. With a time of zero it
  /// expires at once.
  public void insert(K key, V value, Duration ttl) {
    put(key, value, nanos(ttl));
  }

  /// Holds the value if nothing was invalidated since [#epoch] was read, that is, since before what
  /// the value is made of was read.
  ///
  /// @return whether it is held now
  public boolean insertIfCurrent(K key, V value, long begunEpoch) {
    lock.readLock().lock();
    try {
      boolean current = begunEpoch == epoch();
      if (current) {
        putLocked(key, value, ttlNanos);
      }
      return current;
    } finally {
      lock.readLock().unlock();
    }
  }

  /// The number of invalidations so far.
  public long epoch() {
    return epoch.get();
  }

  private void put(K key, V value, long ttl) {
    lock.readLock().lock();
    try {
      putLocked(key, value, ttl);
    } finally {
      lock.readLock().unlock();
    }
  }

  private void putLocked(K key, V value, long ttl) {
    entries.put(key, new Entry<>(value, nanoClock.getAsLong(), ttl));
  }

  /// Forgets what is held for the key.
  ///
  /// @return whether anything was, expired or not
  public boolean remove(K key) {
    lock.writeLock().lock();
    try {
      epoch.incrementAndGet();
      return entries.asMap().remove(key) != null;
    } finally {
      lock.writeLock().unlock();
    }
  }

  /// Forgets all entries that the condition names, expired or not.
  ///
  /// @return how many there were
  public int removeIf(BiPredicate<? super K, ? super V> condition) {
    lock.writeLock().lock();
    try {
      epoch.incrementAndGet();
      return removeEach((key, entry) -> condition.test(key, entry.value));
    } finally {
      lock.writeLock().unlock();
    }
  }

  /// Forgets all entries.
  ///
  /// @return how many there were, the expired included
  public int clear() {
    lock.writeLock().lock();
    try {
      epoch.incrementAndGet();
      int count = entries.asMap().size();
      entries.invalidateAll();
      return count;
    } finally {
      lock.writeLock().unlock();
    }
  }

  /// Forgets the entries that have expired. Nothing becomes invalid by it.
  ///
  /// @return how many there were
  public int cleanUp() {
    long now = nanoClock.getAsLong();
    return removeEach((_, entry) -> entry.isExpired(now));
  }

  /// Removes entry by entry and only what was judged: a value that was put meanwhile stays.
  private int removeEach(BiPredicate<K, Entry<V>> condition) {
    int count = 0;
    for (Map.Entry<K, Entry<V>> each : entries.asMap().entrySet()) {
      if (condition.test(each.getKey(), each.getValue())
          && entries.asMap().remove(each.getKey(), each.getValue())) {
        count++;
      }
    }
    return count;
  }

  /// What is held now, and what was asked so far. Walks through all entries.
  public CacheStatistics statistics() {
    entries.cleanUp();
    long now = nanoClock.getAsLong();
    long active = 0;
    long expired = 0;
    for (Entry<V> entry : entries.asMap().values()) {
      if (entry.isExpired(now)) {
        expired++;
      } else {
        active++;
      }
    }
    return new CacheStatistics(
        active + expired, active, expired, hits.value(), misses.value(), evictions.value());
  }
}
