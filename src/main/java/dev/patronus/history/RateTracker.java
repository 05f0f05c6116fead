package dev.patronus.history;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalDouble;

/// Tracks one watched counter: its current rate, its growth since the start, and its last rate
/// samples.
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
  public static final int BEATS = 120;

  private static final double NANOS = 1e9;

  private final Deque<RateSample> beats = new ArrayDeque<>();
  private boolean begun;
  private long packets;
  private long bytes;
  private long packetsHighest;
  private long bytesHighest;
  private long packetsGained;
  private long bytesGained;
  private double packetsPerSecond = Double.NaN;
  private double bytesPerSecond = Double.NaN;
  private double bytesPerSecondHighest = Double.NaN;
  private int resets;

  /// Takes the first reading from a place.
  ///
  /// @param packetsRate how fast the counter ran up to it; not a number if that is not known
  /// @param bytesRate the same of bytes
  public void begin(long packetsNow, long bytesNow, double packetsRate, double bytesRate) {
    if (!begun) {
      packetsHighest = packetsNow;
      bytesHighest = bytesNow;
      begun = true;
    }
    climb(packetsNow, bytesNow);
    show(packetsRate, bytesRate, false);
  }

  /// Takes the next reading from the same place. One that shows less than the one before was reset,
  /// and counts from zero.
  ///
  /// @param nanos the time since the one before; without any, there is no rate
  public void follow(long packetsNow, long bytesNow, long nanos) {
    boolean reset = packetsNow < packets || bytesNow < bytes;
    double seconds = nanos > 0 ? nanos / NANOS : Double.NaN;
    double morePackets = reset ? packetsNow : packetsNow - packets;
    double moreBytes = reset ? bytesNow : bytesNow - bytes;
    if (reset) {
      packetsHighest = 0;
      bytesHighest = 0;
      resets++;
    }
    climb(packetsNow, bytesNow);
    show(morePackets / seconds, moreBytes / seconds, reset);
    if (!(bytesPerSecond <= bytesPerSecondHighest) && !Double.isNaN(bytesPerSecond)) {
      bytesPerSecondHighest = bytesPerSecond;
    }
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
    add(beats, new RateSample(bytesRate, reset));
  }

  /// Adds a rate sample, and drops the oldest when there are too many.
  public static void add(Deque<RateSample> beats, RateSample beat) {
    if (beats.size() == BEATS) {
      beats.removeFirst();
    }
    beats.addLast(beat);
  }

  /// Since the reading before; empty if that is not known.
  public OptionalDouble packetsPerSecond() {
    return known(packetsPerSecond);
  }

  /// Since the reading before; empty if that is not known.
  public OptionalDouble bytesPerSecond() {
    return known(bytesPerSecond);
  }

  /// The fastest that was measured here; empty if nothing was. The rate of a first reading is of
  /// the time before.
  public OptionalDouble bytesPerSecondHighest() {
    return known(bytesPerSecondHighest);
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
  public List<RateSample> beats() {
    return List.copyOf(beats);
  }
}
