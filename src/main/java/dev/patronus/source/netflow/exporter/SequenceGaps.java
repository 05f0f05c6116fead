package dev.patronus.source.netflow.exporter;

import java.util.ArrayDeque;
import java.util.Iterator;

/// Detects lost units and restarts in the sequence numbers of one stream of datagrams.
///
/// Each datagram carries a number and stands for so many units: records in v5, itself in v9 (RFC
/// 3954 §5.1), data records in IPFIX (RFC 7011 §3.1). The number of the next one is expected to be
/// higher by that, modulo 2^32. A gap is only called a loss when it was not filled by one of the
/// next [#WINDOW] datagrams. A jump too far either way is a restart of the exporter.
///
/// Two ways of counting are understood, and told apart by which of them adds up: `BEFORE`, the
/// number is that of the first unit in the datagram, as the standards say; `WITHIN`, it already
/// includes the datagram's own records, and options are not numbered (softflowd's IPFIX). While
/// both are possible, the one that has nothing missing is believed.
///
/// Confined to the decoder's thread.
public final class SequenceGaps {
  /// How many datagrams a late one may come after those that should have followed it.
  static final int WINDOW = 32;

  /// The most units that can be lost at once; beyond it the exporter has started again.
  static final int MOST_LOST = 1 << 20;

  private static final int MOST_UNITS = 30 * WINDOW;
  private static final int CERTAIN = 4;

  private static final class Gap {
    final int from;
    final int units;
    int missing;
    int age;

    Gap(int from, int units) {
      this.from = from;
      this.units = units;
      this.missing = units;
    }

    boolean contains(int unit) {
      return Integer.compareUnsigned(unit - from, units) < 0;
    }
  }

  private final ArrayDeque<Gap> gaps = new ArrayDeque<>();
  private boolean known;
  private int last;
  private int lastUnits;
  private int within; // above zero: it counts within; below: before
  private long lost;
  private long restarts;

  /// Records a datagram.
  ///
  /// @param number its sequence number
  /// @param units how many units it stands for; negative if that cannot be known, because the
  ///   template of some of its records is missing
  /// @param flows the units among them that are flow records
  public void observe(int number, int units, int flows) {
    age();
    if (known) {
      weigh(number, flows);
      judge(number, gap(number, flows), units, flows);
    }
    if (!known || number - last >= 0) {
      last = number;
      lastUnits = units;
      known = units >= 0;
    }
  }

  private void weigh(int number, int flows) {
    boolean before = number == last + lastUnits;
    boolean inside = number == last + flows;
    if (before != inside) {
      within = Math.clamp(within + (inside ? 1L : -1L), -CERTAIN, CERTAIN);
    }
  }

  private int gap(int number, int flows) {
    int before = number - (last + lastUnits);
    int inside = number - (last + flows);
    if (Math.abs(within) == CERTAIN) {
      return within > 0 ? inside : before;
    }
    return Math.abs((long) inside) < Math.abs((long) before) ? inside : before;
  }

  private void judge(int number, int gap, int units, int flows) {
    if (gap == 0) {
      return;
    }
    if (gap > 0 && gap <= MOST_LOST) {
      gaps.addLast(new Gap(first(number, flows) - gap, gap));
    } else if (gap < 0 && gap >= -MOST_UNITS) {
      fill(first(number, flows), Math.max(1, within == CERTAIN ? flows : units));
    } else {
      restarts++;
      known = false;
    }
  }

  /// The number of the first unit in this datagram.
  private int first(int number, int flows) {
    return within == CERTAIN ? number - flows : number;
  }

  private void fill(int first, int units) {
    for (Gap gap : gaps) {
      if (gap.contains(first)) {
        gap.missing = Math.max(0, gap.missing - units);
        return;
      }
    }
  }

  private void age() {
    for (Iterator<Gap> each = gaps.iterator(); each.hasNext(); ) {
      Gap gap = each.next();
      if (++gap.age > WINDOW) {
        lost += gap.missing;
        each.remove();
      }
    }
  }

  /// The units that are missing for good since the last call.
  public long takeLost() {
    long taken = lost;
    lost = 0;
    return taken;
  }

  /// The restarts of the exporter since the last call.
  public long takeRestarts() {
    long taken = restarts;
    restarts = 0;
    return taken;
  }
}
