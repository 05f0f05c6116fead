package dev.patronus.history;

import dev.patronus.time.DurationText;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.StringJoiner;

/// What one policy carried in one bucket of time.
///
/// Immutable. A change belongs to the bucket of the reading that shows it, whole: nothing is known
/// about how it spread over the time since the reading before. Where that time was long, the point
/// says so ([#gap]).
///
/// @param policyId unsigned 64-bit
/// @param packets the sum of the changes
/// @param bytes the sum of the changes
/// @param activeFlows as the last reading has it
/// @param coveredSeconds the time that the changes account for: from the last reading before the
///   bucket to the last one inside; it is the bucket's length if readings are regular
/// @param readings how many lie in the bucket, the implausible ones left out
/// @param resets how often the counters were reset
/// @param gap whether a change spans more time than readings are apart when all is well
public record Point(
    long policyId,
    Bucket bucket,
    long packets,
    long bytes,
    long activeFlows,
    long coveredSeconds,
    int readings,
    int resets,
    boolean gap) {

  /// The default bound for [#gap]: half a step more than a step. What spans more, belongs to time
  /// outside of its step.
  public static long gapAfterSeconds(Step step) {
    return step.shortest().toSeconds() * 3 / 2;
  }

  /// Packets a second over the time covered; empty if none is.
  public OptionalDouble packetsPerSecond() {
    return perSecond(packets);
  }

  /// Bytes a second over the time covered; empty if none is.
  public OptionalDouble bytesPerSecond() {
    return perSecond(bytes);
  }

  /// How often all counters were reset, of a sum of policies: 1 at most, since one restart resets
  /// the counters of all.
  public int resetEvents() {
    return Math.min(1, resets);
  }

  /// The time that the changes account for, where that is noticeably (a tenth) less than the
  /// bucket: at the ends of a range, where counting began or has not come further, and after a
  /// reset. To the minute where the bucket is an hour or longer; empty otherwise.
  public Optional<Duration> partOfBucket() {
    long length = bucket.endSecond() - bucket.startSecond();
    if (readings == 0 || coveredSeconds <= 0 || coveredSeconds * 10 >= length * 9) {
      return Optional.empty();
    }
    Duration covered = Duration.ofSeconds(coveredSeconds);
    boolean minutes = length >= 3600 && coveredSeconds >= 60;
    return Optional.of(minutes ? covered.truncatedTo(ChronoUnit.MINUTES) : covered);
  }

  /// What is particular about it, in words: `2 resets, gap, only 35m`; empty if nothing is.
  ///
  /// @param shownResets how many resets are told
  public String note(int shownResets) {
    StringJoiner note = new StringJoiner(", ");
    if (shownResets > 0) {
      note.add(shownResets == 1 ? "reset" : shownResets + " resets");
    }
    if (gap) {
      note.add("gap");
    }
    partOfBucket().ifPresent(part -> note.add("only " + DurationText.format(part)));
    return note.toString();
  }

  private OptionalDouble perSecond(long amount) {
    return coveredSeconds <= 0
        ? OptionalDouble.empty()
        : OptionalDouble.of((double) amount / coveredSeconds);
  }
}
