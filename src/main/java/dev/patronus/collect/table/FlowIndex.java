package dev.patronus.collect.table;

import java.util.Arrays;

/// Hash index of the flow table: open addressing with linear probing, in many small segments, so
/// that growing is always short.
///
/// ```
/// segment = top bits of the hash       a cell: hash << 32 | entry + 1      0: empty
/// [ . . X X . X . . ]  [ . X . . ] ...
/// ```
///
/// A cell contains the whole hash, so that only an entry that very likely matches is read, and
/// growing reads none. Deletion moves later cells of a run back: there are no tombstones.
///
/// Confined to one thread at a time.
final class FlowIndex {
  private static final int SEGMENT_BITS = 8;
  private static final int SEGMENTS = 1 << SEGMENT_BITS;
  private static final int CELLS_MIN = 16;

  private final long[][] segments = new long[SEGMENTS][CELLS_MIN];
  private final int[] counts = new int[SEGMENTS];

  /// Continues a search for a hash.
  ///
  /// @return the position of the next cell at or after `position` that has this hash; -1 if there
  ///   is none before the run ends
  int next(int hash, int position) {
    long[] cells = segments[segment(hash)];
    int at = position & cells.length - 1;
    while (cells[at] != 0) {
      if ((int) (cells[at] >>> 32) == hash) {
        return at;
      }
      at = at + 1 & cells.length - 1;
    }
    return -1;
  }

  /// The entry in a cell that [#next] found.
  int entry(int hash, int position) {
    return (int) segments[segment(hash)][position] - 1;
  }

  /// The cell at which a search for the hash starts; read to prefetch it.
  long first(int hash) {
    long[] cells = segments[segment(hash)];
    return cells[hash & cells.length - 1];
  }

  void add(int hash, int entry) {
    int segment = segment(hash);
    if (++counts[segment] > segments[segment].length * 5 / 8) {
      segments[segment] = doubled(segments[segment]);
    }
    place(segments[segment], (long) hash << 32 | (entry + 1L));
  }

  private static long[] doubled(long[] cells) {
    long[] larger = new long[2 * cells.length];
    for (long cell : cells) {
      if (cell != 0) {
        place(larger, cell);
      }
    }
    return larger;
  }

  private static void place(long[] cells, long cell) {
    int at = home(cells, cell);
    while (cells[at] != 0) {
      at = at + 1 & cells.length - 1;
    }
    cells[at] = cell;
  }

  void remove(int hash, int entry) {
    int segment = segment(hash);
    long[] cells = segments[segment];
    long cell = (long) hash << 32 | (entry + 1L);
    int at = home(cells, cell);
    while (cells[at] != cell) {
      at = at + 1 & cells.length - 1;
    }
    counts[segment]--;
    closeGap(cells, at);
  }

  private static void closeGap(long[] cells, int gap) {
    int mask = cells.length - 1;
    int hole = gap;
    for (int at = hole + 1 & mask; cells[at] != 0; at = at + 1 & mask) {
      int wayFromHome = at - home(cells, cells[at]) & mask;
      int wayFromHole = at - hole & mask;
      if (wayFromHome >= wayFromHole) {
        cells[hole] = cells[at];
        hole = at;
      }
    }
    cells[hole] = 0;
  }

  private static int home(long[] cells, long cell) {
    return (int) (cell >>> 32) & cells.length - 1;
  }

  private static int segment(int hash) {
    return hash >>> (Integer.SIZE - SEGMENT_BITS);
  }

  void clear() {
    for (int segment = 0; segment < SEGMENTS; segment++) {
      segments[segment] = new long[CELLS_MIN];
    }
    Arrays.fill(counts, 0);
  }
}
