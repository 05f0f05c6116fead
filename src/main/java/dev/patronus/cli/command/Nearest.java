package dev.patronus.cli.command;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// "Did you mean": the known word that goes on as it was typed, or that takes the fewest edits
/// (Damerau-Levenshtein distance).
public final class Nearest {
  private Nearest() {}

  /// How many letters of a word are enough to mean it by its beginning.
  private static final int BEGINNING = 3;

  /// The nearest of the known words: the shortest that begins with what was typed, else the one
  /// with the fewest edits; empty if none is near enough to be meant.
  public static Optional<String> of(String typed, Collection<String> known) {
    List<String> longer =
        typed.length() < BEGINNING
            ? List.of()
            : known.stream()
                .filter(word -> word.regionMatches(true, 0, typed, 0, typed.length()))
                .toList();
    if (!longer.isEmpty()) {
      return longer.stream().min(Comparator.comparingInt(String::length));
    }
    String best = null;
    int bestDistance = Integer.MAX_VALUE;
    for (String word : known) {
      String a = typed.toLowerCase(Locale.ROOT);
      String b = word.toLowerCase(Locale.ROOT);
      int distance = distance(a, b);
      if (distance < bestDistance && distance <= allowed(a, b)) {
        bestDistance = distance;
        best = word;
      }
    }
    return Optional.ofNullable(best);
  }

  /// The question whether a word was meant.
  public static String didYouMean(String near) {
    return "did you mean '" + near + "'?";
  }

  /// How many edits leave a word recognisable: one in three letters; two of four where it begins
  /// alike, since people mistype a beginning least.
  private static int allowed(String typed, String known) {
    boolean alike = typed.length() >= 4 && !known.isEmpty() && typed.charAt(0) == known.charAt(0);
    return Math.max(alike ? 2 : 1, typed.length() / 3);
  }

  private static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        d[i][j] = i == 0 || j == 0 ? i + j : cheapest(a, b, i, j, d);
      }
    }
    return d[a.length()][b.length()];
  }

  private static int cheapest(String a, String b, int i, int j, int[][] d) {
    int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
    int best = Math.min(d[i - 1][j - 1] + change, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
    boolean swapped =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(best, d[i - 2][j - 2] + 1) : best;
  }
}
