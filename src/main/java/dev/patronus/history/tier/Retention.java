package dev.patronus.history.tier;

import dev.patronus.time.DurationText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// How long traffic is kept: its raw rows, and its roll-ups by 5 minutes, hours and days. What is
/// coarser is kept at least as long as what is finer; empty is for ever.
///
/// Immutable.
///
/// @param rows how long raw rows are kept, an hour at least; empty for ever
/// @param fiveMinutes the same of roll-ups by 5 minutes, a day at least
/// @param hours the same of those by hours
/// @param days the same of those by days
public record Retention(
    Optional<Duration> rows,
    Optional<Duration> fiveMinutes,
    Optional<Duration> hours,
    Optional<Duration> days) {
  private static final String FOREVER = "forever";

  /// So that periodic exports see all rows.
  private static final Duration ROWS_LEAST = Duration.ofHours(1);

  private static final Duration TIER_LEAST = Duration.ofDays(1);

  /// Rows for 30 days, as the platform keeps them; 5 minutes for 62 days, hours for 13 months, days
  /// for ever.
  public static final Retention DEFAULT =
      new Retention(
          Optional.of(Duration.ofDays(30)),
          Optional.of(Duration.ofDays(62)),
          Optional.of(Duration.ofDays(397)),
          Optional.empty());

  /// Everything for ever.
  public static final Retention OFF =
      new Retention(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  public Retention {
    Kept finer = Kept.ROWS;
    Optional<Duration> life = rows;
    Map<Kept, Optional<Duration>> lives = lives(rows, fiveMinutes, hours, days);
    for (Map.Entry<Kept, Optional<Duration>> entry : lives.entrySet()) {
      entry.getKey().requireLeast(entry.getValue());
      if (isLonger(life, entry.getValue())) {
        throw new IllegalArgumentException(
            entry.getKey().word
                + " must be kept at least as long as "
                + finer.word
                + ", was '"
                + text(lives)
                + "'");
      }
      finer = entry.getKey();
      life = entry.getValue();
    }
  }

  /// What is kept, by the word before the colon.
  private enum Kept {
    ROWS("raw", ROWS_LEAST),
    FIVE_MINUTES("5m", TIER_LEAST),
    HOURS("1h", TIER_LEAST),
    DAYS("1d", TIER_LEAST);

    private final String word;

    @SuppressWarnings("ImmutableEnumChecker") // a Duration
    private final Duration least;

    Kept(String word, Duration least) {
      this.word = word;
      this.least = least;
    }

    void requireLeast(Optional<Duration> life) {
      if (life.isPresent() && life.get().compareTo(least) < 0) {
        throw new IllegalArgumentException(
            word
                + " must be kept for "
                + DurationText.format(least)
                + " at least, was "
                + DurationText.format(life.get()));
      }
    }

    /// A minute is the step of raw rows.
    static Kept of(String word, String text) {
      String known = word.equals("1m") || word.equals("60s") ? "raw" : word;
      return Arrays.stream(values())
          .filter(kept -> kept.word.equals(known))
          .findFirst()
          .orElseThrow(() -> refused(text));
    }
  }

  private static boolean isLonger(Optional<Duration> finer, Optional<Duration> coarser) {
    return coarser.isPresent() && (finer.isEmpty() || finer.get().compareTo(coarser.get()) > 0);
  }

  /// Reads what people write: `raw:30d 5m:62d 1h:397d 1d:forever`, the life of raw rows alone
  /// (`90d`), or `off` to keep all. What is left out has its default, or the life of what is finer
  /// where that is longer.
  ///
  /// @throws IllegalArgumentException that says what is wrong
  public static Retention parse(String text) {
    if (text.strip().equals("off")) {
      return OFF;
    }
    Map<Kept, Optional<Duration>> given = new EnumMap<>(Kept.class);
    for (String word : text.strip().split("[ ,]+", -1)) {
      int colon = word.indexOf(':');
      Kept kept = colon < 0 ? Kept.ROWS : Kept.of(word.substring(0, colon), text);
      if (given.put(kept, life(word.substring(colon + 1))) != null) {
        throw refused(text);
      }
    }
    List<Optional<Duration>> lives = new ArrayList<>();
    Optional<Duration> finer = Optional.of(ROWS_LEAST);
    for (Map.Entry<Kept, Optional<Duration>> kept : DEFAULT.lives().entrySet()) {
      finer = given.computeIfAbsent(kept.getKey(), defaulted(finer, kept.getValue()));
      lives.add(finer);
    }
    return new Retention(lives.get(0), lives.get(1), lives.get(2), lives.get(3));
  }

  private static Function<Kept, Optional<Duration>> defaulted(
      Optional<Duration> finer, Optional<Duration> life) {
    return _ -> isLonger(finer, life) ? finer : life;
  }

  private static Optional<Duration> life(String text) {
    return text.equals(FOREVER) ? Optional.empty() : Optional.of(DurationText.parse(text));
  }

  private static IllegalArgumentException refused(String text) {
    return new IllegalArgumentException(
        "must be how long raw rows are kept (30d), or raw, 5m, 1h and 1d, each once and with an"
            + " age, as in '"
            + DEFAULT.text()
            + "', or off, was '"
            + text
            + "'");
  }

  /// How long the cells of a tier are kept; empty for ever.
  public Optional<Duration> life(Tier tier) {
    return switch (tier) {
      case FIVE_MINUTES -> fiveMinutes;
      case HOUR -> hours;
      case DAY -> days;
    };
  }

  private Map<Kept, Optional<Duration>> lives() {
    return lives(rows, fiveMinutes, hours, days);
  }

  private static Map<Kept, Optional<Duration>> lives(
      Optional<Duration> rows,
      Optional<Duration> fiveMinutes,
      Optional<Duration> hours,
      Optional<Duration> days) {
    return new EnumMap<>(
        Map.of(
            Kept.ROWS, rows, Kept.FIVE_MINUTES, fiveMinutes, Kept.HOURS, hours, Kept.DAYS, days));
  }

  /// The text that [#parse] reads back.
  public String text() {
    return equals(OFF) ? "off" : text(lives());
  }

  private static String text(Map<Kept, Optional<Duration>> lives) {
    return lives.entrySet().stream()
        .map(kept ->
            kept.getKey().word + ":" + kept.getValue().map(DurationText::format).orElse(FOREVER))
        .collect(Collectors.joining(" "));
  }
}
