package dev.patronus.time;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/// A half-open range of time, `[since, until)`: it contains its beginning and not its end.
///
/// Immutable. It may be empty (`since` equals `until`), never reversed.
///
/// @param since empty if it reaches back to the beginning
/// @param until empty if it goes on for ever
public record TimeRange(Optional<Instant> since, Optional<Instant> until) {
  /// All of time.
  public static final TimeRange ALL = new TimeRange(Optional.empty(), Optional.empty());

  private static final DateTimeFormatter MINUTES =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm", Locale.ROOT);
  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT);

  public TimeRange {
    if (since.isPresent() && until.isPresent() && since.get().isAfter(until.get())) {
      throw new IllegalArgumentException(
          "a range must not end before it begins: " + since.get() + " > " + until.get());
    }
  }

  /// The range from `since` until just before `until`.
  public static TimeRange of(Instant since, Instant until) {
    return new TimeRange(Optional.of(since), Optional.of(until));
  }

  /// Everything from `since` on.
  public static TimeRange since(Instant since) {
    return new TimeRange(Optional.of(since), Optional.empty());
  }

  /// Everything before `until`.
  public static TimeRange until(Instant until) {
    return new TimeRange(Optional.empty(), Optional.of(until));
  }

  public boolean contains(Instant instant) {
    return !(since.isPresent() && instant.isBefore(since.get()))
        && !(until.isPresent() && !instant.isBefore(until.get()));
  }

  /// The first whole epoch second inside; [Long#MIN_VALUE] if it has no beginning. For `timestamp
  /// > = ?`.
  public long firstSecond() {
    return since.map(TimeRange::ceiling).orElse(Long.MIN_VALUE);
  }

  /// The first whole epoch second that is no longer inside; [Long#MAX_VALUE] if it has no end. For
  /// `timestamp < ?`.
  public long endSecond() {
    return until.map(TimeRange::ceiling).orElse(Long.MAX_VALUE);
  }

  private static long ceiling(Instant instant) {
    return instant.getNano() == 0 ? instant.getEpochSecond() : instant.getEpochSecond() + 1;
  }

  /// What was understood, for people: `from 2026-11-01 00:00 +01:00 until 2026-12-01 00:00 +01:00`.
  /// The offsets tell the two halves of a repeated hour apart.
  public String describe(ZoneId zone) {
    if (since.isEmpty() && until.isEmpty()) {
      return "all time";
    }
    String from = since.map(instant -> "from " + local(instant, zone)).orElse("");
    String to = until.map(instant -> "until " + local(instant, zone)).orElse("on");
    return (from + " " + to).strip();
  }

  private static String local(Instant instant, ZoneId zone) {
    OffsetDateTime time = OffsetDateTime.ofInstant(instant, zone);
    boolean minutes = time.getSecond() == 0 && time.getNano() == 0;
    String offset = time.getOffset().equals(ZoneOffset.UTC) ? "UTC" : time.getOffset().toString();
    return (minutes ? MINUTES : SECONDS).format(time) + " " + offset;
  }
}
