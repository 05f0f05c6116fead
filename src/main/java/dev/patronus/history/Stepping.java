package dev.patronus.history;

import dev.patronus.flow.Volume;
import dev.patronus.time.TimeRange;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/// Gathers readings into the buckets of a history, one point for each policy and bucket that has a
/// reading.
///
/// Readings before the range are only what the first ones inside are compared with; readings after
/// it are left aside. A point is handed on as soon as a reading of the same policy lies in a later
/// bucket, the last ones by [#finish]. Buckets without a reading have no point.
///
/// Confined to one thread. Memory: one open point for each policy, however many rows pass. Readings
/// of one policy must come in order of time.
public final class Stepping {
  private final Buckets buckets;
  private final long firstSecond;
  private final long endSecond;
  private final long gapAfterSeconds;
  private final Consumer<Point> points;
  private final Deltas deltas = new Deltas();
  private final Map<Long, Open> open = new LinkedHashMap<>();
  private long implausible;

  /// @param gapAfterSeconds a change over more time than this marks its point as a gap
  public Stepping(Buckets buckets, TimeRange range, long gapAfterSeconds, Consumer<Point> points) {
    this.buckets = buckets;
    this.firstSecond = range.firstSecond();
    this.endSecond = range.endSecond();
    this.gapAfterSeconds = gapAfterSeconds;
    this.points = points;
  }

  /// Takes the next reading.
  public void accept(Reading reading) {
    if (reading.epochSecond() >= endSecond) {
      return;
    }
    Change change = deltas.next(reading);
    if (reading.epochSecond() >= firstSecond) {
      add(change);
    }
  }

  private void add(Change change) {
    switch (change) {
      case Change.Implausible _ -> implausible++;
      case Change.First(Reading reading) -> openFor(reading).add(reading);
      case Change.Delta delta -> openFor(delta.reading()).add(delta, gapAfterSeconds);
    }
  }

  /// Hands on the points that are still open, in the order in which their policies first appeared.
  public void finish() {
    open.values().forEach(last -> points.accept(last.point()));
    open.clear();
  }

  /// How many readings were passed over because their counters cannot be true.
  public long implausible() {
    return implausible;
  }

  private Open openFor(Reading reading) {
    Open current = open.get(reading.policyId());
    if (current != null && current.bucket.contains(reading.epochSecond())) {
      return current;
    }
    if (current != null) {
      points.accept(current.point());
    }
    Open next = new Open(reading.policyId(), buckets.at(reading.epochSecond()));
    open.put(reading.policyId(), next);
    return next;
  }

  /// A point that still grows.
  private static final class Open {
    private final long policyId;
    private final Bucket bucket;
    private long packets;
    private long bytes;
    private long activeFlows;
    private long coveredSeconds;
    private int readings;
    private int resets;
    private boolean gap;

    Open(long policyId, Bucket bucket) {
      this.policyId = policyId;
      this.bucket = bucket;
    }

    void add(Reading reading) {
      activeFlows = reading.activeFlows();
      readings++;
    }

    void add(Change.Delta delta, long gapAfterSeconds) {
      add(delta.reading());
      packets = Volume.saturatedSum(packets, delta.packets());
      bytes = Volume.saturatedSum(bytes, delta.bytes());
      coveredSeconds += Math.max(0, delta.elapsedSeconds());
      resets += delta.reset() ? 1 : 0;
      gap |= delta.elapsedSeconds() > gapAfterSeconds;
    }

    Point point() {
      return new Point(
          policyId, bucket, packets, bytes, activeFlows, coveredSeconds, readings, resets, gap);
    }
  }
}
