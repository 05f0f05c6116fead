package dev.patronus.output.text;

import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Heading;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/// How wide the columns of a table are on a screen that may be too narrow for them, and which are
/// shown at all.
///
/// Where there is not enough room, these go until the rest fits: identifiers, where names tell the
/// rows apart; what is long of texts; identifiers, the widest first; ages and charts; priorities;
/// texts down to what tells them apart; flags (`ON`); counts, then their rates, the last one first;
/// the last columns; what is long of keys; keys and then a status last of all. The first column and
/// the one that rows are sorted by stay.
public final class ColumnWidths {
  /// What stands between two columns.
  public static final String GAP = "  ";

  /// So wide a text is before another column goes for it, and so narrow it becomes.
  private static final int LONG_TEXT = 24;

  private static final int LEAST_TEXT = 8;

  /// So narrow a key becomes: any IPv4 address has room.
  private static final int LEAST_KEY = 15;

  /// The rank of columns that stay as long as they can.
  private static final int RANKS = 3;

  private final List<Heading> columns;
  private final int[] widths;
  private final int screen;
  private final int sorted;
  private final boolean named;
  private final boolean[] shown;

  /// What the values of the first text column, the names, tell of the rows.
  ///
  /// @param apart the width at which they differ
  /// @param unique whether they tell all rows apart, so that identifiers are not needed
  public record Names(int apart, boolean unique) {
    public static final Names NONE = new Names(0, false);
  }

  private ColumnWidths(List<Heading> columns, int[] widths, int screen, int sorted, boolean named) {
    this.columns = columns;
    this.widths = widths;
    this.screen = screen;
    this.sorted = sorted;
    this.named = named;
    this.shown = new boolean[widths.length];
    Arrays.fill(shown, true);
  }

  /// Narrows columns until a line fits, and tells which are shown.
  ///
  /// @param screen the columns of the screen; 0 where nothing limits them
  /// @param sorted the column that rows are sorted by; -1 if there is none
  /// @param names asked only where there is not enough room
  public static boolean[] fit(
      List<Heading> columns, int[] widths, int screen, int sorted, Supplier<Names> names) {
    int all = Arrays.stream(widths).sum() + GAP.length() * (widths.length - 1);
    if (screen == 0 || all <= screen) {
      boolean[] shown = new boolean[widths.length];
      Arrays.fill(shown, true);
      return shown;
    }
    Names known = names.get();
    ColumnWidths fitting = new ColumnWidths(columns, widths, screen, sorted, known.unique());
    fitting.fit(Math.max(known.apart(), LEAST_TEXT));
    return fitting.shown;
  }

  private void fit(int apart) {
    int first = firstText();
    int[] comfortable = least(LONG_TEXT);
    int[] narrow = least(LEAST_TEXT);
    if (first >= 0) {
      comfortable[first] = Math.min(widths[first], Math.max(LONG_TEXT, apart));
      narrow[first] = Math.min(widths[first], apart);
    }
    while (named && total(widths) > screen && hide(leastImportant(1))) {
      // goes on
    }
    while (total(comfortable) > screen && hide(leastImportant(RANKS))) {
      // goes on
    }
    boolean fits = total(comfortable) <= screen;
    for (Kind kind : List.of(Kind.FLAG, Kind.COUNT, Kind.RATE)) {
      while (total(narrow) > screen && hide(last(kind))) {
        // goes on
      }
    }
    while (total(narrow) > screen && hide(last())) {
      // goes on
    }
    if (total(narrow) > screen) {
      narrowKeys(narrow);
    }
    while (total(narrow) > screen && hide(lastVital())) {
      // goes on
    }
    showAgain(fits ? comfortable : narrow);
    shrink(fits ? comfortable : total(narrow) <= screen ? narrow : least(1));
  }

  private int firstText() {
    for (int c = 0; c < widths.length; c++) {
      if (isText(c)) {
        return c;
      }
    }
    return -1;
  }

  /// Whether the column that the values of this one are a part of is not shown.
  private boolean isApart(int column) {
    String whole = columns.get(column).partOf();
    for (int c = 0; c < widths.length; c++) {
      if (!shown[c] && columns.get(c).name().equals(whole)) {
        return true;
      }
    }
    return false;
  }

  private boolean isText(int column) {
    return columns.get(column).kind() == Kind.TEXT;
  }

  /// The widths with texts of this width at most.
  private int[] least(int text) {
    int[] least = widths.clone();
    for (int c = 0; c < least.length; c++) {
      least[c] = isText(c) ? Math.min(widths[c], text) : widths[c];
    }
    return least;
  }

  private void narrowKeys(int... least) {
    for (int c = 0; c < least.length; c++) {
      if (columns.get(c).kind() == Kind.KEY) {
        least[c] = Math.min(least[c], LEAST_KEY);
      }
    }
  }

  /// Hides a column and those that are a part of it.
  private boolean hide(int column) {
    if (column < 0) {
      return false;
    }
    shown[column] = false;
    for (int c = 0; c < widths.length; c++) {
      if (columns.get(column).name().equals(columns.get(c).partOf()) && !stays(c)) {
        shown[c] = false;
      }
    }
    return true;
  }

  private boolean stays(int column) {
    return column == 0 || column == sorted || !shown[column];
  }

  /// The column that goes first of those with a rank below this; -1 if there is none.
  private int leastImportant(int ranks) {
    int found = -1;
    for (int c = 1; c < widths.length; c++) {
      boolean before =
          found < 0
              || rank(c) < rank(found)
              || (rank(c) == rank(found) && widths[c] > widths[found]);
      if (!stays(c) && rank(c) < ranks && before) {
        found = c;
      }
    }
    return found;
  }

  /// How early a column goes; those of no rank stay as long as they can.
  private int rank(int column) {
    Heading at = columns.get(column);
    return switch (at.kind()) {
      case ID -> 0;
      case SECONDS, CHART -> 1;
      case NUMBER -> at.name().equals("priority") ? 2 : RANKS;
      case TEXT,
          KEY,
          COUNT,
          BYTES,
          BYTE_RATE,
          RATE,
          PLAIN_NUMBER,
          MEGABITS,
          MILLIS,
          PERCENT,
          TIME,
          FLAG,
          STATUS ->
          RANKS;
    };
  }

  /// The last column of a kind that is shown and need not stay; -1 if there is none.
  private int last(Kind kind) {
    int last = widths.length - 1;
    while (last > 0 && (stays(last) || columns.get(last).kind() != kind)) {
      last--;
    }
    return last > 0 ? last : -1;
  }

  private int last() {
    int last = widths.length - 1;
    while (last > 0 && (stays(last) || isVital(columns.get(last).kind()))) {
      last--;
    }
    return last > 0 ? last : -1;
  }

  private int lastVital() {
    int key = last(Kind.KEY);
    return key > 0 ? key : last(Kind.STATUS);
  }

  private static boolean isVital(Kind kind) {
    return kind == Kind.STATUS || kind == Kind.KEY;
  }

  /// Shows what went too early: narrower columns than the one that made the room, but none without
  /// the column of which it is a part.
  private void showAgain(int... least) {
    for (int c = 0; c < widths.length; c++) {
      if (!shown[c] && !isApart(c)) {
        shown[c] = true;
        shown[c] = total(named && rank(c) == 0 ? widths : least) <= screen;
      }
    }
  }

  /// Takes the room that is missing from the widest texts and keys.
  private void shrink(int... least) {
    int excess = total(widths) - screen;
    while (excess > 0) {
      int widest = -1;
      for (int c = 0; c < widths.length; c++) {
        boolean wider = widest < 0 || widths[c] > widths[widest];
        widest = shown[c] && widths[c] > least[c] && wider ? c : widest;
      }
      if (widest < 0) {
        return;
      }
      widths[widest]--;
      excess--;
    }
  }

  private int total(int... of) {
    int total = -GAP.length();
    for (int c = 0; c < of.length; c++) {
      total += shown[c] ? GAP.length() + of[c] : 0;
    }
    return total;
  }

  /// The least width at which these texts can be told apart as well as at their whole width.
  static int apart(List<String> texts, int whole, Screen screen) {
    long different = texts.stream().distinct().count();
    int width = Math.min(LEAST_TEXT, whole);
    while (width < whole && different(texts, width, screen) < different) {
      width++;
    }
    return width;
  }

  private static long different(List<String> texts, int width, Screen screen) {
    return texts.stream().map(text -> DisplayWidth.cut(text, width, screen)).distinct().count();
  }
}
