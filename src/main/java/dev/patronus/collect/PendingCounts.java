package dev.patronus.collect;

import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.Volume;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What one receiving thread has counted since its last commit: the volume of each counter slot,
/// and the sources that the records are of.
///
/// The threads share the counters and their file, whose memory travels from one processor's cache
/// to the other with each change; this memory does not. Confined to one thread at a time.
final class PendingCounts {
  /// The records after which a commit is due: some 10 ms of the highest rates. With 8,192, two
  /// threads together counted no more than one.
  private static final int RECORDS_MAX = 65_536;

  private static final int WORDS = 4;
  private static final int PACKETS = 0;
  private static final int BYTES = 1;
  private static final int LAST_SEEN = 2;

  /// [#UNTOUCHED], [#EXACT] or [#ESTIMATED].
  private static final int STATE = 3;

  private static final long UNTOUCHED = 0;
  private static final long EXACT = 1;
  private static final long ESTIMATED = 2;

  /// The slots in sequence.
  private long[] words = new long[256 * WORDS];

  private final int[] touched = new int[CounterLayout.COMMIT_MAX];
  private int touchedCount;
  private final List<CountingProgress> sources = new ArrayList<>();
  private int records;

  /// Whether a commit is due before `count` more records.
  boolean isFull(int count) {
    return records + count > RECORDS_MAX
        || touchedCount + sources.size() + count + 1 > CounterLayout.COMMIT_MAX;
  }

  /// Adds the first `count` records, all of one source, each to its slot.
  void add(int[] slots, FlowRecord[] added, int count, CountingProgress progress) {
    for (int i = 0; i < count; i++) {
      add(slots[i], added[i]);
    }
    if (progress.pending() == 0) {
      sources.add(progress);
    }
    progress.accept(added, count);
    records += count;
  }

  private void add(int slot, FlowRecord record) {
    int at = slot * WORDS;
    if (at >= words.length) {
      words = Arrays.copyOf(words, Math.max(2 * words.length, at + WORDS));
    }
    long state = words[at + STATE];
    if (state == UNTOUCHED) {
      touched[touchedCount++] = slot;
      words[at + PACKETS] = record.packets();
      words[at + BYTES] = record.bytes();
      words[at + LAST_SEEN] = record.endMillis();
    } else {
      words[at + PACKETS] = Volume.saturatedSum(words[at + PACKETS], record.packets());
      words[at + BYTES] = Volume.saturatedSum(words[at + BYTES], record.bytes());
      words[at + LAST_SEEN] = Math.max(words[at + LAST_SEEN], record.endMillis());
    }
    words[at + STATE] = record.estimated() ? ESTIMATED : Math.max(state, EXACT);
  }

  /// Moves everything to the counters, in one commit: it survives the process as a whole or not at
  /// all.
  void commitTo(PolicyCounters counters) {
    for (int i = 0; i < touchedCount; i++) {
      int slot = touched[i];
      int at = slot * WORDS;
      counters.add(
          slot,
          words[at + PACKETS],
          words[at + BYTES],
          words[at + LAST_SEEN],
          words[at + STATE] == ESTIMATED);
      words[at + STATE] = UNTOUCHED;
    }
    for (CountingProgress each : sources) {
      counters.advance(each);
    }
    counters.commit();
    touchedCount = 0;
    sources.clear();
    records = 0;
  }
}
