package dev.patronus.history;

import dev.patronus.time.DurationText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// The resolution at which history is kept, by age.
///
/// Immutable. Ages count from an instant that the caller gives; what is stamped later than that is
/// of age zero, so a clock that ran ahead forgets nothing.
///
/// @param tiers from fine and young to coarse and old; the last may keep for ever
public record Retention(List<Tier> tiers) {
  private static final String FOREVER = "forever";

  /// The shortest time that all is kept, so that periodic exports see all rows.
  private static final Duration LEAST = Duration.ofHours(1);

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
          "tiers must grow older: "
              + DurationText.format(old.until().get())
              + " after "
              + DurationText.format(young.until().get()));
    }
    if (old.resolution().toSeconds() % young.resolution().toSeconds() != 0) {
      throw new IllegalArgumentException(
          "a coarse resolution must be a multiple of the finer one before: "
              + DurationText.format(old.resolution())
              + " after "
              + DurationText.format(young.resolution()));
    }
  }

  /// Reads tiers as people write them: `1m:48h 5m:14d 1h:397d 1d:forever`, each a resolution and
  /// the age until which it is kept.
  ///
  /// @throws IllegalArgumentException that says what is wrong
  public static Retention parse(String text) {
    List<Tier> tiers = new ArrayList<>();
    for (String word : text.strip().split("[ ,]+", -1)) {
      tiers.add(tier(word));
    }
    Retention read = new Retention(tiers);
    Duration first = tiers.getFirst().until().orElse(LEAST);
    if (first.compareTo(LEAST) < 0) {
      throw new IllegalArgumentException(
          "the first tier must last "
              + DurationText.format(LEAST)
              + " at least, was '"
              + text
              + "'");
    }
    return read;
  }

  private static Tier tier(String word) {
    int colon = word.indexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException(
          "must be tiers of RESOLUTION:AGE, as in '" + STANDARD.text() + "', was '" + word + "'");
    }
    Duration resolution = DurationText.parse(word.substring(0, colon));
    String until = word.substring(colon + 1);
    return new Tier(
        resolution,
        until.equals(FOREVER) ? Optional.empty() : Optional.of(DurationText.parse(until)));
  }

  /// The text that [#parse] reads back.
  public String text() {
    return tiers.stream().map(Retention::text).collect(Collectors.joining(" "));
  }

  private static String text(Tier tier) {
    return DurationText.format(tier.resolution())
        + ":"
        + tier.until().map(DurationText::format).orElse(FOREVER);
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
