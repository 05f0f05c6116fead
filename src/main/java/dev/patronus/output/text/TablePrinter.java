package dev.patronus.output.text;

import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Heading;
import dev.patronus.output.table.Table;
import dev.patronus.output.text.ColumnWidths.Names;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A table as aligned columns: one line a row, never wrapped.
///
/// Confined to one thread. Where the screen is narrower than the table, columns are narrowed and
/// left out as [ColumnWidths] says; numbers and identifiers are never cut, keys last of all.
public final class TablePrinter {
  private static final String GAP = ColumnWidths.GAP;

  private final Screen screen;
  private final HumanFormat humane;
  private int @Nullable [] least;

  public TablePrinter(Screen screen) {
    this(screen, null);
  }

  /// @param least widths that columns have at least, from one table to the next; null where each
  ///   table stands alone
  TablePrinter(Screen screen, int @Nullable [] least) {
    this.screen = screen;
    this.humane = screen.humane();
    this.least = least == null ? null : least.clone();
  }

  /// Whether tables have a line of titles.
  boolean titles() {
    return screen.headers();
  }

  /// What a narrow screen left out of a table, by titles of columns.
  ///
  /// @param hidden columns that are not shown
  /// @param cut columns in which a value is not shown whole
  public record LeftOut(List<String> hidden, List<String> cut) {}

  /// Prints it, and gives what there was no room for.
  public <T> LeftOut print(Table<T> table, StringBuilder out) {
    List<Heading> columns = table.headings();
    List<T> rows = new ArrayList<>(table.rows());
    rows.addAll(table.footer());
    String[][] cells = cells(table.columns(), rows);
    int[][] lengths = lengths(cells);
    int[] widths = remembered(widths(columns, lengths));
    boolean[] shown =
        ColumnWidths.fit(
            columns,
            widths,
            screen.columns(),
            table.sortedBy(),
            () -> names(columns, cells, widths));
    if (screen.headers()) {
      String[] titles = columns.stream().map(this::title).toArray(String[]::new);
      line(columns, titles, lengths(titles), widths, shown, true, out);
    }
    for (int r = 0; r < cells.length; r++) {
      line(columns, cells[r], lengths[r], widths, shown, false, out);
    }
    return new LeftOut(
        titles(columns, c -> !shown[c]),
        titles(
            columns, c -> shown[c] && Arrays.stream(lengths).anyMatch(row -> row[c] > widths[c])));
  }

  private String title(Heading heading) {
    return humane.rawNumbers() ? heading.plainTitle() : heading.title();
  }

  private List<String> titles(List<Heading> columns, IntPredicate wanted) {
    return IntStream.range(0, columns.size())
        .filter(wanted)
        .mapToObj(c -> title(columns.get(c)))
        .toList();
  }

  private Names names(List<Heading> columns, String[][] cells, int... widths) {
    for (int c = 0; c < widths.length; c++) {
      if (columns.get(c).kind() == Kind.TEXT) {
        int column = c;
        List<String> texts = Arrays.stream(cells).map(row -> row[column]).toList();
        boolean unique = texts.stream().distinct().count() == texts.size();
        return new Names(ColumnWidths.apart(texts, widths[c], screen), unique);
      }
    }
    return Names.NONE;
  }

  private <T> String[][] cells(List<Column<T>> columns, List<T> rows) {
    String[][] cells = new String[rows.size()][columns.size()];
    for (int r = 0; r < cells.length; r++) {
      for (int c = 0; c < cells[r].length; c++) {
        Column<T> column = columns.get(c);
        cells[r][c] = humane.text(column.kind(), column.cell(rows.get(r)));
      }
    }
    return cells;
  }

  /// The width of each cell.
  private static int[][] lengths(String[][] cells) {
    int[][] lengths = new int[cells.length][];
    for (int r = 0; r < lengths.length; r++) {
      lengths[r] = lengths(cells[r]);
    }
    return lengths;
  }

  private static int[] lengths(String... cells) {
    int[] lengths = new int[cells.length];
    for (int c = 0; c < lengths.length; c++) {
      lengths[c] = DisplayWidth.of(cells[c]);
    }
    return lengths;
  }

  private int[] widths(List<Heading> columns, int[][] lengths) {
    int[] widths = new int[columns.size()];
    for (int c = 0; c < widths.length; c++) {
      widths[c] = screen.headers() ? DisplayWidth.of(title(columns.get(c))) : 1;
      for (int[] row : lengths) {
        widths[c] = Math.max(widths[c], row[c]);
      }
    }
    return widths;
  }

  private int[] remembered(int... widths) {
    if (least == null) {
      return widths;
    }
    for (int c = 0; c < Math.min(least.length, widths.length); c++) {
      widths[c] = Math.max(widths[c], least[c]);
    }
    least = widths.clone();
    return widths;
  }

  private void line(
      List<Heading> columns,
      String[] cells,
      int[] lengths,
      int[] widths,
      boolean[] shown,
      boolean header,
      StringBuilder out) {
    int start = out.length();
    for (int c = 0; c < shown.length; c++) {
      if (!shown[c]) {
        continue;
      }
      if (out.length() > start) {
        out.append(GAP);
      }
      Kind kind = columns.get(c).kind();
      boolean fits = lengths[c] <= widths[c];
      String text = fits ? cells[c] : DisplayWidth.cut(cells[c], widths[c], screen);
      int used = fits ? lengths[c] : DisplayWidth.of(text);
      String blanks = " ".repeat(Math.max(0, widths[c] - used));
      String styled = header ? Style.HEADER.of(text, screen) : Style.forValue(kind, text, screen);
      if (kind.alignsRight()) {
        out.append(blanks).append(styled);
      } else {
        out.append(styled).append(blanks);
      }
    }
    trimEnd(start, out);
    out.append('\n');
  }

  private static void trimEnd(int start, StringBuilder out) {
    int end = out.length();
    while (end > start && out.charAt(end - 1) == ' ') {
      end--;
    }
    out.setLength(end);
  }
}
