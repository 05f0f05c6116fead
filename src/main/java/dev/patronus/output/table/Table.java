package dev.patronus.output.table;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/// Rows under columns, small enough to be held in memory.
///
/// Confined to the thread that fills it. A cell is a [String], [Long], [Integer], [Double],
/// [Boolean], [java.time.Instant], [dev.patronus.json.Json], a [List] of [String]s, or null where
/// there is no value.
public final class Table {
  private final String name;
  private final String title;
  private final List<Column> columns;
  private final List<Object[]> rows = new ArrayList<>();
  private final List<Object[]> footer = new ArrayList<>();
  private int sortedBy = -1;

  /// @param name the member that holds the rows in JSON: `policies`
  /// @param title what people read above the table; empty for none
  public Table(String name, String title, Column... columns) {
    this(name, title, List.of(columns));
  }

  public Table(String name, String title, List<Column> columns) {
    this.name = Objects.requireNonNull(name, "name");
    this.title = Objects.requireNonNull(title, "title");
    this.columns = List.copyOf(columns);
  }

  /// Adds a row; one cell for each column.
  public Table row(Object... cells) {
    rows.add(checked(cells));
    return this;
  }

  /// Adds a row that people alone see, below the others: a total.
  public Table footer(Object... cells) {
    footer.add(checked(cells));
    return this;
  }

  private Object[] checked(Object... cells) {
    if (cells.length != columns.size()) {
      throw new IllegalArgumentException(
          name + " has " + columns.size() + " columns, the row " + cells.length);
    }
    return cells;
  }

  public String name() {
    return name;
  }

  public String title() {
    return title;
  }

  public List<Column> columns() {
    return columns;
  }

  public List<Object[]> rows() {
    return rows;
  }

  public boolean isEmpty() {
    return rows.isEmpty() && footer.isEmpty();
  }

  /// The rows that people alone see, below the others.
  public List<Object[]> footer() {
    return footer;
  }

  /// The same rows with these columns alone, in this order.
  ///
  /// @throws IllegalArgumentException that names the columns there are, if one is unknown
  public Table select(List<String> names) {
    int[] from = new int[names.size()];
    List<Column> chosen = new ArrayList<>();
    for (int i = 0; i < from.length; i++) {
      from[i] = indexOf(names.get(i));
      chosen.add(columns.get(from[i]).shown());
    }
    return picked(from, chosen);
  }

  /// The same rows without the columns that are details.
  public Table withoutDetails() {
    int[] from = IntStream.range(0, columns.size()).filter(i -> !columns.get(i).detail()).toArray();
    return picked(from, IntStream.of(from).mapToObj(columns::get).toList());
  }

  /// The same rows in the order of a column: the largest number and the latest time first, texts in
  /// alphabetical order, rows without a value last. Equal ones keep their order.
  ///
  /// @throws IllegalArgumentException that names the columns there are, if it is unknown
  public Table sorted(String column) {
    int at = indexOf(column);
    Table sorted = new Table(name, title, columns).sortedBy(at);
    rows.stream()
        .sorted(Comparator.comparing(row -> row[at], Table::compare))
        .forEach(sorted.rows::add);
    sorted.footer.addAll(footer);
    return sorted;
  }

  private static int compare(Object a, Object b) {
    if (a == null || b == null) {
      return Boolean.compare(a == null, b == null);
    }
    return switch (a) {
      case Long number when b instanceof Long other -> Long.compare(other, number);
      case Number number when b instanceof Number other ->
          Double.compare(other.doubleValue(), number.doubleValue());
      case Instant instant when b instanceof Instant other -> other.compareTo(instant);
      case Boolean flag when b instanceof Boolean other -> Boolean.compare(other, flag);
      default -> compareTexts(a.toString(), b.toString());
    };
  }

  /// Ids as the numbers that they are, other texts without regard to case. No chain of
  /// [Comparator]s: no AOT cache holds its classes.
  private static int compareTexts(String a, String b) {
    int order = Integer.compare(digits(a), digits(b));
    order = order == 0 ? a.compareToIgnoreCase(b) : order;
    return order == 0 ? a.compareTo(b) : order;
  }

  /// How long a text of digits is, which is how ids compare first; 0 for other texts.
  private static int digits(String text) {
    return text.chars().allMatch(c -> c >= '0' && c <= '9') ? text.length() : 0;
  }

  /// The place of the column that the rows are sorted by, which is the last to be left out; -1 if
  /// there is none.
  public int sortedBy() {
    return sortedBy;
  }

  private Table sortedBy(int column) {
    sortedBy = column;
    return this;
  }

  /// The same table with the first rows alone.
  public Table first(long limit) {
    Table first = new Table(name, title, columns).sortedBy(sortedBy);
    rows.stream().limit(limit).forEach(first.rows::add);
    first.footer.addAll(footer);
    return first;
  }

  private Table picked(int[] from, List<Column> chosen) {
    int at =
        IntStream.range(0, from.length).filter(i -> from[i] == sortedBy).findFirst().orElse(-1);
    Table selected = new Table(name, title, chosen).sortedBy(at);
    rows.forEach(row -> selected.rows.add(pick(row, from)));
    footer.forEach(row -> selected.footer.add(pick(row, from)));
    return selected;
  }

  private static Object[] pick(Object[] row, int... from) {
    Object[] cells = new Object[from.length];
    for (int i = 0; i < from.length; i++) {
      cells[i] = row[from[i]];
    }
    return cells;
  }

  /// The place of a column, by its name or its title, upper and lower case alike.
  private int indexOf(String column) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equalsIgnoreCase(column)) {
        return i;
      }
    }
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).title().equalsIgnoreCase(column)) {
        return i;
      }
    }
    throw new IllegalArgumentException(
        "no column '"
            + column
            + "'; there are "
            + String.join(", ", columns.stream().map(Column::name).toList()));
  }
}
