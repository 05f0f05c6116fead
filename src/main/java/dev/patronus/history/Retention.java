package dev.patronus.history;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// How finely history is kept at which age.
///
/// Immutable. Ages count from an instant that the caller gives; what is stamped later than that is
/// of age zero, so a clock that ran ahead forgets nothing.
///
/// @param tiers from fine and young to coarse and old; the last may keep for ever
public record Retention(List<Tier> tiers) {
  /// A stretch of ages and how finely it is kept.
  ///
  /// @param resolution one reading of each policy in every so long, aligned to UTC
  /// @param until the age at which the next tier begins; empty for ever
  public record Tier(Duration resolution, Optional<Duration> until) {
    public Tier {
      Step.of(resolution);
    }

    static Tier of(Duration resolution, Duration until) {
      return new Tier(resolution, Optional.of(until));
    }
  }

  /// A minute for 48 h, five for 14 days, an hour for 13 months, a day for ever: some 13,000
  /// readings of a policy in its first year.
  public static final Retention STANDARD =
      new Retention(
          List.of(
              Tier.of(Duration.ofMinutes(1), Duration.ofHours(48)),
              Tier.of(Duration.ofMinutes(5), Duration.ofDays(14)),
              Tier.of(Duration.ofHours(1), Duration.ofDays(397)),
              new Tier(Duration.ofDays(1), Optional.empty())));

  public Retention {
    tiers = List.copyOf(tiers);
    if (tiers.isEmpty()) {
      throw new IllegalArgumentException("a retention must have a tier");
    }
    for (int i = 1; i < tiers.size(); i++) {
      check(tiers.get(i - 1), tiers.get(i));
    }
  }

  private static void check(Tier young, Tier old) {
    if (young.until().isEmpty()) {
      throw new IllegalArgumentException("only the last tier may keep for ever");
    }
    if (old.until().isPresent() && old.until().get().compareTo(young.until().get()) <= 0) {
      throw new IllegalArgumentException(
          "tiers must grow older: " + old.until().get() + " after " + young.until().get());
    }
    if (old.resolution().toSeconds() % young.resolution().toSeconds() != 0) {
      throw new IllegalArgumentException(
          "a coarse resolution must be a multiple of the finer one before: "
              + old.resolution()
              + " after "
              + young.resolution());
    }
  }

  /// The tier that a reading of this second is in; empty if it is older than all, and may go.
  public Optional<Tier> tier(long epochSecond, long nowSecond) {
    long age = Math.max(0, nowSecond - epochSecond);
    return tiers.stream()
        .filter(tier -> tier.until().isEmpty() || age < tier.until().get().toSeconds())
        .findFirst();
  }

  /// The longest time that may lie between two readings of this age when all is well.
  public Duration resolution(long epochSecond, long nowSecond) {
    return tier(epochSecond, nowSecond).orElse(tiers.getLast()).resolution();
  }
}
