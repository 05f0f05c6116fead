package dev.patronus.cli.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The words of an enum on the command line: `PATH_METRICS` is `path-metrics`.
public final class EnumNames {
  private EnumNames() {}

  public static <E extends Enum<E>> List<String> of(Class<E> choices) {
    List<String> words = new ArrayList<>();
    for (E choice : choices.getEnumConstants()) {
      words.add(of(choice));
    }
    return words;
  }

  public static String of(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// The choice that was typed, in whatever case.
  ///
  /// @throws IllegalArgumentException that names the word that is near, else those that there are
  public static <E extends Enum<E>> E read(Class<E> choices, String typed) {
    for (E choice : choices.getEnumConstants()) {
      if (of(choice).equals(typed.toLowerCase(Locale.ROOT))) {
        return choice;
      }
    }
    throw new IllegalArgumentException("unknown '" + typed + "'; " + instead(typed, of(choices)));
  }

  /// What to type in place of a word that is not known.
  public static String instead(String typed, List<String> known) {
    return Nearest.of(typed, known)
        .map(Nearest::didYouMean)
        .orElseGet(() -> "try " + String.join(", ", known));
  }

  /// A whole number of at least `least`.
  ///
  /// @throws IllegalArgumentException that says what it should be
  public static long wholeNumber(String typed, long least) {
    try {
      long number = Long.parseLong(typed);
      if (number >= least) {
        return number;
      }
    } catch (NumberFormatException _) {
      // said below, in the same words
    }
    throw new IllegalArgumentException(
        "must be a whole number of at least " + least + ", was '" + typed + "'");
  }
}
