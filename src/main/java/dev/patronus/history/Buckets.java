package dev.patronus.history;

import dev.patronus.time.LocalTimes;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;

/// Cuts time into the steps of a zone's wall clock: each second lies in exactly one bucket, and
/// buckets follow each other without a gap.
///
/// Where clocks are changed, steps above an hour are as long as the clocks make them (a day has 23
/// or 25 hours). Steps up to an hour keep their length, so that the hour that clocks show twice is
/// two steps, and a change in the middle of a step ends it.
///
/// Seconds outside of the years 1 to 9999 lie in the first and the last bucket.
///
/// Confined to one thread: it remembers the last bucket, and between which two changes of the
/// clocks it lies; inside, cutting is arithmetic.
public final class Buckets {
  private static final long FIRST_SECOND = -62_135_596_800L; // 0001-01-01T00:00:00Z
  private static final long LAST_SECOND = 253_402_300_799L; // 9999-12-31T23:59:59Z
  private static final int HOUR_SECONDS = 3600;

  private final Step step;
  private final ZoneId zone;
  private Regime regime;
  private Bucket last;

  /// The time between two changes of the clocks, `[from, to)`, and what they show in it.
  private record Regime(long from, long to, int offsetSeconds) {
    static Regime at(long second, ZoneRules rules) {
      Instant instant = Instant.ofEpochSecond(second);
      ZoneOffsetTransition change = rules.previousTransition(instant.plusNanos(1));
      ZoneOffsetTransition next = rules.nextTransition(instant);
      return new Regime(
          change == null ? Long.MIN_VALUE : change.toEpochSecond(),
          next == null ? Long.MAX_VALUE : next.toEpochSecond(),
          rules.getOffset(instant).getTotalSeconds());
    }

    boolean contains(long second) {
      return from <= second && second < to;
    }

    /// The greatest `anchor + n * width` of the local clock that is not after `second`.
    long floor(long second, long anchor, long width) {
      long local = second + offsetSeconds;
      return second - Math.floorMod(local - anchor, width);
    }

    /// Whether clocks run undisturbed from a day before `start` until after `end`, so that no local
    /// time in between was shown before, and the one of `end` is really reached (clocks that go
    /// back at midnight show it an hour later).
    boolean covers(long start, long end) {
      return (from == Long.MIN_VALUE || from + Step.DAY_SECONDS <= start) && end < to;
    }
  }

  public Buckets(Step step, ZoneId zone) {
    this.step = step;
    this.zone = zone;
    this.regime = Regime.at(0, zone.getRules());
    this.last = find(0);
  }

  /// The bucket that the second lies in.
  public Bucket at(long epochSecond) {
    if (!last.contains(epochSecond)) {
      last = find(Math.clamp(epochSecond, FIRST_SECOND, LAST_SECOND));
    }
    return last;
  }

  /// The bucket that begins where `bucket` ends.
  public Bucket after(Bucket bucket) {
    return at(bucket.endSecond());
  }

  public Step step() {
    return step;
  }

  public ZoneId zone() {
    return zone;
  }

  private Bucket find(long second) {
    if (!regime.contains(second)) {
      regime = Regime.at(second, zone.getRules());
    }
    return switch (step) {
      case Step.Clock(int seconds) when seconds <= HOUR_SECONDS -> clipped(second, seconds);
      case Step.Clock(int seconds) -> undisturbed(second, 0, seconds);
      case Step.Days days ->
          undisturbed(
              second,
              (long) days.anchor() * Step.DAY_SECONDS,
              (long) days.days() * Step.DAY_SECONDS);
      case Step.Months _ -> byCalendar(second);
    };
  }

  private Bucket clipped(long second, long width) {
    long start = regime.floor(second, 0, width);
    return new Bucket(Math.max(start, regime.from()), Math.min(start + width, regime.to()));
  }

  private Bucket undisturbed(long second, long anchor, long width) {
    long start = regime.floor(second, anchor, width);
    return regime.covers(start, start + width)
        ? new Bucket(start, start + width)
        : byCalendar(second);
  }

  /// The slow and general way. In a repeated hour the clocks may show a step that is already over:
  /// then a later one has begun.
  private Bucket byCalendar(long second) {
    LocalDateTime shown = LocalDateTime.ofInstant(Instant.ofEpochSecond(second), zone);
    LocalDateTime start = step.floor(shown);
    LocalDateTime next = step.next(start);
    while (second(next) <= second) {
      start = next;
      next = step.next(start);
    }
    return new Bucket(second(start), second(next));
  }

  private long second(LocalDateTime local) {
    return LocalTimes.instant(local, zone).getEpochSecond();
  }
}
