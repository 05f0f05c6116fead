package dev.patronus.output.text;

import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import java.util.List;

/// How wide the columns of a table are on a screen that may be too narrow for them.
public final class ColumnWidths {
  /// What stands between two columns.
  public static final String GAP = "  ";

  private static final int LEAST_TEXT = 8;

  private ColumnWidths() {}

  /// Narrows the text columns until a line fits; gives how many columns are shown.
  ///
  /// @param screen the columns of the screen; 0 where nothing limits them
  public static int fit(List<Column> columns, int[] widths, int screen) {
    if (screen <= 0) {
      return widths.length;
    }
    int excess = total(widths, widths.length) - screen;
    while (excess > 0) {
      int widest = widestText(columns, widths);
      if (widest < 0) {
        break;
      }
      widths[widest]--;
      excess--;
    }
    int shown = widths.length;
    while (shown > 1 && total(widths, shown) > screen) {
      shown--;
    }
    return shown;
  }

  private static int widestText(List<Column> columns, int... widths) {
    int widest = -1;
    for (int c = 0; c < widths.length; c++) {
      boolean text = columns.get(c).kind() == Kind.TEXT;
      if (text && widths[c] > LEAST_TEXT && (widest < 0 || widths[c] > widths[widest])) {
        widest = c;
      }
    }
    return widest;
  }

  private static int total(int[] widths, int count) {
    int total = GAP.length() * (count - 1);
    for (int c = 0; c < count; c++) {
      total += widths[c];
    }
    return total;
  }
}
