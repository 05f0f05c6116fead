package dev.patronus.collect.table;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.Volume;
import java.time.Duration;
import java.util.Arrays;

/// Table of the flows that were seen within the flow timeout: the volume of each, and the counter
/// slot that it is counted to.
///
/// ```
/// an entry: 12 words of a chunk of 1024 entries
///   0-3  source and destination address
///   4    used << 63 | estimated << 62 | reply << 61 | exporter << 40 | source port << 24 | destination port << 8 | protocol
///   5    packets
///   6    bytes
///   7    tick when last seen << 32 | hash
///   8    first seen, in epoch milliseconds
///   9    last seen, in epoch milliseconds
///   10   generation of the classification << 32 | slot
///   11   next entry in the same list
/// ```
///
/// Expiry: each entry is in the bucket of a timer wheel for the tick at which it would time out.
/// Seeing a flow again only stores the tick; when the wheel reaches its bucket, the entry is either
/// expired or moved to its new bucket. So each step is cheap, and there is no scan. When full, the
/// table evicts the least recently seen flow.
///
/// A tick is a second of the monotonic clock. Confined to one thread at a time.
public final class FlowTable {
  public static final int ABSENT = -1;

  /// The maximum heap bytes of one flow: its entry, and its cells in the index at the lowest fill.
  public static final int BYTES_OF_FLOW_MAX = 128;

  private static final int CHUNK_BITS = 10;
  private static final int CHUNK = 1 << CHUNK_BITS;
  private static final int WORDS = 12;
  private static final int TUPLE = 4;
  private static final int PACKETS = 5;
  private static final int BYTES = 6;
  private static final int TICK_AND_HASH = 7;
  private static final int FIRST_SEEN = 8;
  private static final int LAST_SEEN = 9;
  private static final int OWNER = 10;
  private static final int NEXT = 11;

  private static final long USED = 1L << 63;
  private static final long ESTIMATED = 1L << 62;
  private static final long REPLY = 1L << 61;
  private static final long TUPLE_MASK = (1L << 40) - 1;
  private static final int EXPORTER_SHIFT = 40;
  private static final long EXPORTER_MASK = 0xffffL << EXPORTER_SHIFT;
  private static final long LOW = 0xffff_ffffL;
  private static final int NONE = -1;

  private final int limit;
  private final int timeoutTicks;
  private final long seed;
  private final FlowIndex index = new FlowIndex();
  private final ExporterNumbers exporters = new ExporterNumbers();
  private final int[] wheel;
  private long[][] chunks = new long[0][];
  private int[] active = new int[64];
  private int size;
  private int high;
  private int free = NONE;
  private int cursor;

  /// The first tick whose bucket may contain entries.
  private int earliest;

  private int due = NONE;
  private long expired;
  private long evicted;
  private long fetched;

  /// Creates a table of at most `limit` flows.
  ///
  /// @param seed varies the hash per process, so that nobody can construct flows that collide
  public FlowTable(int limit, Duration timeout, long seed) {
    if (limit < 1) {
      throw new IllegalArgumentException("the limit of flows must be positive, was " + limit);
    }
    long seconds = timeout.plusMillis(999).toSeconds();
    if (seconds < 1 || seconds > Duration.ofDays(1).toSeconds()) {
      throw new IllegalArgumentException("flow timeout must be 1 s to 1 day, was " + timeout);
    }
    this.limit = limit;
    this.seed = seed;
    timeoutTicks = (int) seconds;
    wheel = new int[Integer.highestOneBit(timeoutTicks + 2) << 1];
    Arrays.fill(wheel, NONE);
  }

  public int hash(FlowKey key) {
    long h = seed;
    h = (h ^ key.srcHigh()) * 0x9E37_79B9_7F4A_7C15L;
    h = ((h ^ h >>> 32) ^ key.srcLow()) * 0xD6E8_FEB8_6659_FD93L;
    h = ((h ^ h >>> 32) ^ key.dstHigh()) * 0xBF58_476D_1CE4_E5B9L;
    h = ((h ^ h >>> 32) ^ key.dstLow()) * 0x94D0_49BB_1331_11EBL;
    h = ((h ^ h >>> 32) ^ tuple(key)) * 0xD6E8_FEB8_6659_FD93L;
    return (int) (h >>> 32);
  }

  private static long tuple(FlowKey key) {
    return (long) key.srcPort() << 24 | (long) key.dstPort() << 8 | key.protocol();
  }

  /// Prefetches the flows of a batch: returns for each hash the very likely entry, or [#ABSENT],
  /// for [#find]. Each of its short passes issues many independent memory reads, so that the cache
  /// misses of a batch overlap.
  public void lookAhead(int[] hashes, int count, int[] likely) {
    long sum = 0;
    for (int i = 0; i < count; i++) {
      sum += index.first(hashes[i]);
    }
    for (int i = 0; i < count; i++) {
      int position = index.next(hashes[i], hashes[i]);
      likely[i] = position < 0 ? ABSENT : index.entry(hashes[i], position);
    }
    for (int i = 0; i < count; i++) {
      if (likely[i] >= 0) {
        long[] words = chunk(likely[i]);
        int at = at(likely[i], 0);
        sum += words[at] + words[at + TICK_AND_HASH] + words[at + NEXT]; // each cache line of it
      }
    }
    fetched = sum;
  }

  /// The entry of a flow, or [#ABSENT].
  ///
  /// @param likely the result of [#lookAhead]; the table may have changed since then
  public int find(FlowKey key, int hash, int likely) {
    return likely >= 0 && isFlow(likely, key) ? likely : find(key, hash);
  }

  /// The entry of a flow, or [#ABSENT].
  public int find(FlowKey key, int hash) {
    int position = index.next(hash, hash);
    while (position >= 0) {
      int entry = index.entry(hash, position);
      if (isFlow(entry, key)) {
        return entry;
      }
      position = index.next(hash, position + 1);
    }
    return ABSENT;
  }

  private boolean isFlow(int entry, FlowKey key) {
    long[] words = chunk(entry);
    int at = at(entry, 0);
    return words[at + 1] == key.srcLow()
        && words[at + 3] == key.dstLow()
        && (words[at + TUPLE] & (USED | TUPLE_MASK)) == (USED | tuple(key))
        && words[at] == key.srcHigh()
        && words[at + 2] == key.dstHigh();
  }

  /// Adds an entry for a new flow; a full table evicts the oldest. The caller then calls [#assign].
  public int add(FlowKey key, int hash, int tick, long firstMillis) {
    if (size == limit) {
      evictOldest();
    }
    int entry = take();
    long[] words = chunk(entry);
    int at = at(entry, 0);
    words[at] = key.srcHigh();
    words[at + 1] = key.srcLow();
    words[at + 2] = key.dstHigh();
    words[at + 3] = key.dstLow();
    words[at + TUPLE] = USED | tuple(key);
    words[at + PACKETS] = 0;
    words[at + BYTES] = 0;
    words[at + TICK_AND_HASH] = (long) tick << 32 | (hash & LOW);
    words[at + FIRST_SEEN] = firstMillis;
    words[at + LAST_SEEN] = firstMillis;
    words[at + OWNER] = NONE;
    index.add(hash, entry);
    hang(entry);
    size++;
    return entry;
  }

  private int take() {
    if (free != NONE) {
      int entry = free;
      free = next(entry);
      return entry;
    }
    if (high == chunks.length << CHUNK_BITS) {
      chunks = Arrays.copyOf(chunks, chunks.length + 1);
      chunks[chunks.length - 1] = new long[CHUNK * WORDS];
    }
    return high++;
  }

  /// Adds one observation to a flow.
  public void observe(int entry, FlowRecord seen, int tick) {
    long[] words = chunk(entry);
    int at = at(entry, 0);
    words[at + PACKETS] = Volume.saturatedSum(words[at + PACKETS], seen.packets());
    words[at + BYTES] = Volume.saturatedSum(words[at + BYTES], seen.bytes());
    words[at + TICK_AND_HASH] = (long) tick << 32 | (words[at + TICK_AND_HASH] & LOW);
    words[at + FIRST_SEEN] = Math.min(words[at + FIRST_SEEN], seen.startMillis());
    words[at + LAST_SEEN] = Math.max(words[at + LAST_SEEN], seen.endMillis());
    if (seen.estimated()) {
      words[at + TUPLE] |= ESTIMATED;
    }
    int exporter = exporters.of(seen.exporter());
    long tuple = words[at + TUPLE];
    if (exporter != exporterNumber(tuple)) {
      exporters.move(exporterNumber(tuple), exporter);
      words[at + TUPLE] = (tuple & ~EXPORTER_MASK) | (long) exporter << EXPORTER_SHIFT;
    }
  }

  private static int exporterNumber(long tuple) {
    return (int) (tuple >>> EXPORTER_SHIFT) & 0xffff;
  }

  /// Sets the counter slot of a flow, and the generation of the classification.
  public void assign(int entry, int slot, int generation) {
    if (slot >= active.length) {
      active = Arrays.copyOf(active, Math.max(slot + 1, 2 * active.length));
    }
    int before = slot(entry);
    if (before != NONE) {
      active[before]--;
    }
    active[slot]++;
    put(entry, OWNER, (long) generation << 32 | slot);
  }

  /// The counter slot of a flow; -1 if it was never assigned.
  public int slot(int entry) {
    return (int) word(entry, OWNER);
  }

  public int generation(int entry) {
    return (int) (word(entry, OWNER) >>> 32);
  }

  public void markReply(int entry, boolean reply) {
    long tuple = word(entry, TUPLE);
    put(entry, TUPLE, reply ? tuple | REPLY : tuple & ~REPLY);
  }

  public boolean isReply(int entry) {
    return (word(entry, TUPLE) & REPLY) != 0;
  }

  public boolean isEstimated(int entry) {
    return (word(entry, TUPLE) & ESTIMATED) != 0;
  }

  /// Removes flows that have timed out by `tick`, visiting at most `most`.
  ///
  /// @return whether no more are due
  public boolean expire(int tick, int most) {
    cursor = Math.max(cursor, tick - wheel.length);
    for (int looked = 0; looked < most; ) {
      if (due != NONE) {
        looked++;
        settle(unhook(), tick);
      } else if (cursor < tick) {
        cursor++;
        due = wheel[bucket(cursor)];
        wheel[bucket(cursor)] = NONE;
      } else {
        return true;
      }
    }
    return due == NONE && cursor >= tick;
  }

  private int unhook() {
    int entry = due;
    due = next(entry);
    return entry;
  }

  private void settle(int entry, int tick) {
    if (isLive(entry, tick)) {
      hang(entry);
    } else {
      remove(entry);
      expired++;
    }
  }

  private void evictOldest() {
    while (due != NONE) {
      int entry = unhook();
      if (end(entry) <= cursor) {
        evict(entry);
        return;
      }
      hang(entry);
    }
    earliest = Math.max(earliest, cursor);
    while (true) {
      int entry = wheel[bucket(earliest)];
      if (entry == NONE) {
        earliest++;
        continue;
      }
      int found = earliest;
      wheel[bucket(found)] = next(entry);
      if (bucket(end(entry)) == bucket(found)) {
        evict(entry);
        return;
      }
      hang(entry);
    }
  }

  private void evict(int entry) {
    remove(entry);
    evicted++;
  }

  private void remove(int entry) {
    index.remove((int) word(entry, TICK_AND_HASH), entry);
    if (slot(entry) != NONE) {
      active[slot(entry)]--;
    }
    exporters.move(exporterNumber(word(entry, TUPLE)), ExporterNumbers.NONE);
    put(entry, TUPLE, 0);
    put(entry, NEXT, free);
    free = entry;
    size--;
  }

  private void hang(int entry) {
    int bucket = bucket(end(entry));
    earliest = Math.min(earliest, end(entry));
    put(entry, NEXT, wheel[bucket]);
    wheel[bucket] = entry;
  }

  /// The first tick at which the flow is expired if it is not seen again.
  private int end(int entry) {
    return tick(entry) + timeoutTicks + 1;
  }

  private int bucket(int tick) {
    return tick & wheel.length - 1;
  }

  private int tick(int entry) {
    return (int) (word(entry, TICK_AND_HASH) >>> 32);
  }

  public boolean isLive(int entry, int tick) {
    return isUsed(entry) && tick < end(entry);
  }

  public boolean isUsed(int entry) {
    return word(entry, TUPLE) < 0;
  }

  /// The exclusive upper bound of entry numbers; not all of them are in use.
  public int entries() {
    return high;
  }

  public int size() {
    return size;
  }

  /// The number of flows that have timed out since the table was created.
  public long expired() {
    return expired;
  }

  /// The number of flows that were evicted for others.
  public long evicted() {
    return evicted;
  }

  /// How many flows are counted to a slot.
  public int active(int slot) {
    return slot < active.length ? active[slot] : 0;
  }

  /// The hash of an entry's flow.
  public int hash(int entry) {
    return (int) word(entry, TICK_AND_HASH);
  }

  public FlowKey key(int entry) {
    return new FlowKey(
        srcHigh(entry),
        srcLow(entry),
        dstHigh(entry),
        dstLow(entry),
        srcPort(entry),
        dstPort(entry),
        protocol(entry));
  }

  public long srcHigh(int entry) {
    return word(entry, 0);
  }

  public long srcLow(int entry) {
    return word(entry, 1);
  }

  public long dstHigh(int entry) {
    return word(entry, 2);
  }

  public long dstLow(int entry) {
    return word(entry, 3);
  }

  public int srcPort(int entry) {
    return (int) (word(entry, TUPLE) >>> 24) & 0xffff;
  }

  public int dstPort(int entry) {
    return (int) (word(entry, TUPLE) >>> 8) & 0xffff;
  }

  public int protocol(int entry) {
    return (int) word(entry, TUPLE) & 0xff;
  }

  /// The exporter that reported the flow last; null if it is not known.
  public IpAddress exporter(int entry) {
    return exporters.address(exporterNumber(word(entry, TUPLE)));
  }

  public long packets(int entry) {
    return word(entry, PACKETS);
  }

  public long bytes(int entry) {
    return word(entry, BYTES);
  }

  /// Epoch milliseconds.
  public long firstSeen(int entry) {
    return word(entry, FIRST_SEEN);
  }

  /// Epoch milliseconds.
  public long lastSeen(int entry) {
    return word(entry, LAST_SEEN);
  }

  private int next(int entry) {
    return (int) word(entry, NEXT);
  }

  private long word(int entry, int word) {
    return chunk(entry)[at(entry, word)];
  }

  private void put(int entry, int word, long value) {
    chunk(entry)[at(entry, word)] = value;
  }

  private long[] chunk(int entry) {
    return chunks[entry >>> CHUNK_BITS];
  }

  private static int at(int entry, int word) {
    return (entry & CHUNK - 1) * WORDS + word;
  }

  /// A value that depends on the reads of [#lookAhead], so that the compiler keeps them.
  public long fetched() {
    return fetched;
  }
}
