package dev.patronus.output.table;

import java.util.ArrayList;
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

  private Table picked(int[] from, List<Column> chosen) {
    Table selected = new Table(name, title, chosen);
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

  private int indexOf(String column) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equals(column)) {
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
