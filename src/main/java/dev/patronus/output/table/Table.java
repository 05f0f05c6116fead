package dev.patronus.output.table;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Rows under columns, small enough to be held in memory.
///
/// Immutable, as far as its rows are. Each row stays the value that it is about; columns read its
/// cells where rows are sorted, shown or written.
///
/// @param <T> what a row is about
public final class Table<T> {
  private final String name;
  private final String title;
  private final List<Column<T>> columns;
  private final List<T> rows;
  private final List<T> footer;
  private final int sortedBy;

  private Table(
      String name,
      String title,
      List<Column<T>> columns,
      List<T> rows,
      List<T> footer,
      int sortedBy) {
    this.name = Objects.requireNonNull(name, "name");
    this.title = Objects.requireNonNull(title, "title");
    this.columns = List.copyOf(columns);
    this.rows = List.copyOf(rows);
    this.footer = List.copyOf(footer);
    this.sortedBy = sortedBy;
  }

  /// A table of these rows, without a title.
  ///
  /// @param name the member that holds the rows in JSON: `policies`
  public static <T> Table<T> of(String name, List<Column<T>> columns, List<T> rows) {
    return new Table<>(name, "", columns, rows, List.of(), -1);
  }

  /// The same table with a title, which people read above it.
  public Table<T> titled(String text) {
    return new Table<>(name, text, columns, rows, footer, sortedBy);
  }

  /// The same table with rows that people alone see, below the others: totals.
  public Table<T> withFooter(List<T> below) {
    return new Table<>(name, title, columns, rows, below, sortedBy);
  }

  public String name() {
    return name;
  }

  /// What people read above the table; empty for none.
  public String title() {
    return title;
  }

  public List<Column<T>> columns() {
    return columns;
  }

  public List<Heading> headings() {
    return columns.stream().map(Column::heading).toList();
  }

  public List<T> rows() {
    return rows;
  }

  public boolean isEmpty() {
    return rows.isEmpty() && footer.isEmpty();
  }

  /// The rows that people alone see, below the others.
  public List<T> footer() {
    return footer;
  }

  /// The same rows with these columns alone, in this order.
  ///
  /// @throws IllegalArgumentException that names the columns there are, if one is unknown
  public Table<T> select(List<String> names) {
    List<Integer> places = names.stream().map(this::indexOf).toList();
    List<Column<T>> chosen =
        places.stream().map(place -> columns.get(place).detailIf(false)).toList();
    return new Table<>(name, title, chosen, rows, footer, places.indexOf(sortedBy));
  }

  /// The same rows without the columns that are details.
  public Table<T> withoutDetails() {
    List<Column<T>> shown = columns.stream().filter(each -> !each.heading().detail()).toList();
    int sorted = sortedBy < 0 ? -1 : shown.indexOf(columns.get(sortedBy));
    return new Table<>(name, title, shown, rows, footer, sorted);
  }

  /// The same rows in the order of a column: the largest number and the latest time first, texts in
  /// alphabetical order, rows without a value last. Equal ones keep their order.
  ///
  /// @throws IllegalArgumentException that names the columns there are, if it is unknown
  public Table<T> sorted(String by) {
    int at = indexOf(by);
    Column<T> column = columns.get(at);
    List<T> sorted = new ArrayList<>(rows);
    sorted.sort((a, b) -> compare(column.cell(a), column.cell(b)));
    return new Table<>(name, title, columns, sorted, footer, at);
  }

  /// The same table, whose rows are in the order of this column already.
  ///
  /// @throws IllegalArgumentException that names the columns there are, if it is unknown
  public Table<T> inOrderOf(String by) {
    return new Table<>(name, title, columns, rows, footer, indexOf(by));
  }

  private static int compare(@Nullable Object a, @Nullable Object b) {
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
  /// [java.util.Comparator]s: no AOT cache holds its classes.
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

  /// The same table with the first rows alone.
  public Table<T> first(long limit) {
    List<T> first = limit < rows.size() ? rows.subList(0, (int) limit) : rows;
    return new Table<>(name, title, columns, first, footer, sortedBy);
  }

  /// The same table with those rows alone that are wanted, and none below them.
  public Table<T> filter(Predicate<T> wanted) {
    return of(name, columns, rows.stream().filter(wanted).toList()).titled(title);
  }

  /// The place of a column, by its name or its title, upper and lower case alike.
  private int indexOf(String column) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equalsIgnoreCase(column)) {
        return i;
      }
    }
    for (int i = 0; i < columns.size(); i++) {
      Heading heading = columns.get(i).heading();
      if (heading.title().equalsIgnoreCase(column)
          || heading.plainTitle().equalsIgnoreCase(column)) {
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
