package dev.patronus.history;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalDouble;

/// Tracks one watched counter: its rate over the last minute, its growth since the start, and its
/// last rates.
///
/// Exporters report the traffic of many seconds at once, so the rate between two readings a moment
/// apart would be a spike or nothing. The rate is therefore the growth within [#WINDOW_NANOS],
/// divided by that time, and of the rates of the last [#CALM_NANOS] the median: so a report that
/// comes a moment early or late makes neither a dip nor a spike. Where the counter has been known
/// for less, the rate is that of the time for which it has.
///
/// Readings may come from several places, one after the other, and those need not agree: a snapshot
/// is older than what the daemon held a moment before. So only readings of one place are compared
/// with each other, and what came is counted from the highest reading, so that nothing counts
/// twice.
///
/// Confined to one thread. Time is whatever the caller measured between two readings; no clock of
/// the wall is asked, so that one that jumps does no harm.
public final class RateTracker {
  /// The number of rate samples that are kept.
  public static final int SAMPLES = 120;

  /// The time over which rates are computed, in nanoseconds.
  public static final long WINDOW_NANOS = 60_000_000_000L;

  /// The time within which a rate that differs from the others is passed over, in nanoseconds.
  static final long CALM_NANOS = 10_000_000_000L;

  /// Within a longer time nothing is known of how a counter grew; it is in a window as a whole.
  private static final long EVEN_NANOS = 5_000_000_000L;

  /// Readings that are closer to each other are not all kept.
  private static final long APART_NANOS = WINDOW_NANOS / 30;

  private static final double NANOS = 1e9;

  /// What came until a moment.
  ///
  /// @param nanos since the first reading from the place; negative before it
  /// @param packets since that reading
  /// @param bytes since that reading
  private record Mark(long nanos, double packets, double bytes) {

    /// The growth until a moment between this mark and a later one.
    Mark towards(Mark later, long at) {
      double part = (at - nanos) / (double) (later.nanos - nanos);
      return new Mark(
          at, packets + part * (later.packets - packets), bytes + part * (later.bytes - bytes));
    }
  }

  private final Deque<RateSample> samples = new ArrayDeque<>();
  private final Deque<Mark> marks = new ArrayDeque<>();
  private final Deque<Mark> rates = new ArrayDeque<>();
  private long windowNanos;
  private boolean begun;
  private long packets;
  private long bytes;
  private long packetsHighest;
  private long bytesHighest;
  private long packetsGained;
  private long bytesGained;
  private double packetsPerSecond = Double.NaN;
  private double bytesPerSecond = Double.NaN;
  private double bytesPerSecondWithin = Double.NaN;
  private double bytesPerSecondHighest = Double.NaN;
  private boolean whole;
  private int resets;

  /// Takes the first reading from a place.
  ///
  /// @param packetsRate how fast the counter ran within the minute up to it; not a number if that
  ///   is not known
  /// @param bytesRate the same of bytes
  /// @param nanos the time that these rates are of
  public void begin(
      long packetsNow, long bytesNow, double packetsRate, double bytesRate, long nanos) {
    if (!begun) {
      packetsHighest = packetsNow;
      bytesHighest = bytesNow;
      begun = true;
    }
    climb(packetsNow, bytesNow);
    marks.clear();
    rates.clear();
    windowNanos = 0;
    whole = false;
    bytesPerSecondWithin = Double.NaN;
    if (!Double.isNaN(packetsRate) && !Double.isNaN(bytesRate) && nanos > 0) {
      double seconds = nanos / NANOS;
      marks.add(new Mark(-nanos, -packetsRate * seconds, -bytesRate * seconds));
      windowNanos = nanos;
    }
    marks.add(new Mark(0, 0, 0));
    show(packetsRate, bytesRate, false);
  }

  /// Takes the next reading from the same place. One that shows less than the one before was reset,
  /// and counts from zero.
  ///
  /// @param nanos the time since the one before; without any, there is no rate
  public void follow(long packetsNow, long bytesNow, long nanos) {
    boolean reset = packetsNow < packets || bytesNow < bytes;
    long morePackets = reset ? packetsNow : packetsNow - packets;
    long moreBytes = reset ? bytesNow : bytesNow - bytes;
    if (reset) {
      packetsHighest = 0;
      bytesHighest = 0;
      resets++;
    }
    climb(packetsNow, bytesNow);
    Mark last = marks.getLast();
    Mark now =
        new Mark(
            last.nanos + Math.max(0, nanos), last.packets + morePackets, last.bytes + moreBytes);
    Mark from = from(last, now);
    add(now);
    windowNanos = Math.max(now.nanos - from.nanos, Math.max(0, nanos));
    double seconds = nanos > 0 ? (now.nanos - from.nanos) / NANOS : Double.NaN;
    Mark calm =
        calm(now.nanos, (now.packets - from.packets) / seconds, (now.bytes - from.bytes) / seconds);
    show(calm.packets, calm.bytes, reset);
    whole = now.nanos >= WINDOW_NANOS;
    bytesPerSecondWithin = whole ? bytesPerSecond : now.bytes / (now.nanos / NANOS);
    if (whole && !(bytesPerSecond <= bytesPerSecondHighest) && !Double.isNaN(bytesPerSecond)) {
      bytesPerSecondHighest = bytesPerSecond;
    }
  }

  /// Where the window of a reading begins; forgets the marks that no later window needs.
  private Mark from(Mark last, Mark now) {
    long start = now.nanos - WINDOW_NANOS;
    if (last.nanos <= start) {
      marks.clear();
      marks.add(last);
      return last;
    }
    Mark from = marks.removeFirst();
    while (!marks.isEmpty() && marks.getFirst().nanos <= start) {
      from = marks.removeFirst();
    }
    marks.addFirst(from);
    if (from.nanos >= start) {
      return from;
    }
    Iterator<Mark> kept = marks.iterator();
    kept.next();
    Mark next = kept.next();
    return next.nanos - from.nanos > EVEN_NANOS ? from : from.towards(next, start);
  }

  /// The medians of the last rates.
  private Mark calm(long nanos, double packetsRate, double bytesRate) {
    if (Double.isNaN(bytesRate)) {
      return new Mark(nanos, packetsRate, bytesRate);
    }
    rates.addLast(new Mark(nanos, packetsRate, bytesRate));
    while (rates.getFirst().nanos <= nanos - CALM_NANOS) {
      rates.removeFirst();
    }
    return new Mark(
        nanos,
        median(rates.stream().mapToDouble(Mark::packets).sorted().toArray()),
        median(rates.stream().mapToDouble(Mark::bytes).sorted().toArray()));
  }

  private static double median(double... sorted) {
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }

  private void add(Mark now) {
    if (marks.size() > 1) {
      Mark last = marks.removeLast();
      if (last.nanos - marks.getLast().nanos >= APART_NANOS) {
        marks.addLast(last);
      }
    }
    marks.addLast(now);
  }

  private void climb(long packetsNow, long bytesNow) {
    packets = packetsNow;
    bytes = bytesNow;
    packetsGained += Math.max(0, packetsNow - packetsHighest);
    bytesGained += Math.max(0, bytesNow - bytesHighest);
    packetsHighest = Math.max(packetsHighest, packetsNow);
    bytesHighest = Math.max(bytesHighest, bytesNow);
  }

  private void show(double packetsRate, double bytesRate, boolean reset) {
    packetsPerSecond = packetsRate;
    bytesPerSecond = bytesRate;
    add(samples, new RateSample(bytesRate, reset));
  }

  /// Adds a rate sample, and drops the oldest when there are too many.
  public static void add(Deque<RateSample> samples, RateSample sample) {
    if (samples.size() == SAMPLES) {
      samples.removeFirst();
    }
    samples.addLast(sample);
  }

  /// Over the window; empty if that is not known.
  public OptionalDouble packetsPerSecond() {
    return known(packetsPerSecond);
  }

  /// Over the window; empty if that is not known.
  public OptionalDouble bytesPerSecond() {
    return known(bytesPerSecond);
  }

  /// The time that the rates are of, in nanoseconds: [#WINDOW_NANOS], less where the counter has
  /// been known for less, more where readings are further apart; 0 where there is no rate yet.
  public long windowNanos() {
    return windowNanos;
  }

  /// The rate of the part of the window that lies behind the first reading from the place: what
  /// came before that is not in it.
  public OptionalDouble bytesPerSecondWithin() {
    return known(bytesPerSecondWithin);
  }

  /// Whether the whole window lies behind the first reading from the place.
  public boolean isWhole() {
    return whole;
  }

  /// The fastest of the whole windows; before there is one, the rate since the first reading. Empty
  /// if neither is known.
  public OptionalDouble bytesPerSecondHighest() {
    return known(
        Double.isNaN(bytesPerSecondHighest) ? bytesPerSecondWithin : bytesPerSecondHighest);
  }

  private static OptionalDouble known(double rate) {
    return Double.isNaN(rate) ? OptionalDouble.empty() : OptionalDouble.of(rate);
  }

  /// What came since the first reading.
  public long packetsGained() {
    return packetsGained;
  }

  /// What came since the first reading.
  public long bytesGained() {
    return bytesGained;
  }

  /// How often the counter was reset.
  public int resets() {
    return resets;
  }

  /// The last rate samples, the oldest first.
  public List<RateSample> samples() {
    return List.copyOf(samples);
  }
}
