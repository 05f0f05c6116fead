package dev.patronus.site.history;

import dev.patronus.history.Bucket;
import dev.patronus.history.Buckets;
import dev.patronus.site.PathStatus;
import dev.patronus.time.TimeRange;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Gathers the samples of one path into the steps of a history.
///
/// A status counts from its sample to the next one, and for [#HOLD_SECONDS] at most: what is longer
/// is time of which nothing is known. It counts across the steps that it spans, and not beyond the
/// range.
///
/// Confined to one thread. Memory: all samples of the range. Samples of the status must come in
/// order of time; those shortly before the range tell what the range begins with.
public final class PathStepping {
  /// How long a status holds without a further sample.
  public static final long HOLD_SECONDS = 900;

  private final Buckets buckets;
  private final long firstSecond;
  private final long endSecond;
  private final NavigableMap<Long, Step> steps = new TreeMap<>();
  private final Samples latency = new Samples();
  private final Samples jitter = new Samples();
  private final Samples loss = new Samples();
  private long unreadable;
  private @Nullable PathStatus status;
  private long statusSecond;

  /// @param range the time that is wanted; its end is at most the present, beyond which no status
  ///   counts
  public PathStepping(Buckets buckets, TimeRange range) {
    this.buckets = buckets;
    this.firstSecond = range.firstSecond();
    this.endSecond = range.endSecond();
  }

  /// Takes a measurement; one with a value that is no finite number is skipped.
  public void measured(
      long epochSecond, double latencyMillis, double jitterMillis, double lossPercent) {
    if (epochSecond < firstSecond || epochSecond >= endSecond) {
      return;
    }
    if (!Double.isFinite(latencyMillis + jitterMillis + lossPercent)) {
      unreadable++;
      return;
    }
    Step step = step(buckets.at(epochSecond));
    step.latency.add(latencyMillis);
    step.jitter.add(jitterMillis);
    step.loss.add(lossPercent);
    latency.add(latencyMillis);
    jitter.add(jitterMillis);
    loss.add(lossPercent);
  }

  /// Takes the next sample of the status.
  public void status(long epochSecond, PathStatus next) {
    countUntil(epochSecond);
    status = next;
    statusSecond = epochSecond;
    if (epochSecond >= firstSecond && epochSecond < endSecond) {
      Step step = step(buckets.at(epochSecond));
      step.uptime = step.uptime.plus(new Uptime(1, 0, 0, 0));
    }
  }

  /// Counts the status that holds, up to a second.
  private void countUntil(long second) {
    PathStatus holding = status;
    if (holding == null) {
      return;
    }
    long from = Math.max(statusSecond, firstSecond);
    long end = Math.min(Math.min(second, statusSecond + HOLD_SECONDS), endSecond);
    while (from < end) {
      Bucket bucket = buckets.at(from);
      long until = Math.min(end, bucket.endSecond());
      Step step = step(bucket);
      step.uptime = step.uptime.plus(uptime(holding, until - from));
      from = until;
    }
  }

  private static Uptime uptime(PathStatus holding, long seconds) {
    return switch (holding) {
      case PathStatus.Known.UP -> new Uptime(0, seconds, 0, 0);
      case PathStatus.Known.DEGRADED -> new Uptime(0, 0, seconds, 0);
      case PathStatus.Known.DOWN -> new Uptime(0, 0, 0, seconds);
      case PathStatus.Unknown _ -> new Uptime(0, 0, 0, seconds);
    };
  }

  private Step step(Bucket bucket) {
    return steps.computeIfAbsent(bucket.startSecond(), _ -> new Step(bucket));
  }

  /// Ends the history.
  public PathSeries finish() {
    countUntil(endSecond);
    status = null;
    List<PathPoint> points = new ArrayList<>();
    Uptime uptime = Uptime.UNKNOWN;
    for (Step step : steps.values()) {
      points.add(step.point());
      uptime = uptime.plus(step.uptime);
    }
    if (points.isEmpty()) {
      return new PathSeries(points, Optional.empty(), unreadable);
    }
    Bucket whole =
        new Bucket(points.getFirst().bucket().startSecond(), points.getLast().bucket().endSecond());
    return new PathSeries(
        points,
        Optional.of(
            new PathPoint(
                whole, latency.distribution(), jitter.distribution(), loss.distribution(), uptime)),
        unreadable);
  }

  /// A step that still grows.
  private static final class Step {
    private final Bucket bucket;
    private final Samples latency = new Samples();
    private final Samples jitter = new Samples();
    private final Samples loss = new Samples();
    private Uptime uptime = Uptime.UNKNOWN;

    Step(Bucket bucket) {
      this.bucket = bucket;
    }

    PathPoint point() {
      return new PathPoint(
          bucket, latency.distribution(), jitter.distribution(), loss.distribution(), uptime);
    }
  }
}
