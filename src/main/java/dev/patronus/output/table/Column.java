package dev.patronus.output.table;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A column of a table: its heading, and how the cell of a row is read.
///
/// Immutable. A cell is a [String], [Long], [Integer], [Double], [Boolean], [java.time.Instant],
/// [dev.patronus.json.Json], a [List] of [String]s, or null where there is no value; of an optional
/// value it is what that holds.
///
/// @param <T> what a row is about
/// @param value reads the cell; it must not fail and not read files, since it is called while rows
///   are printed
public record Column<T>(Heading heading, Function<? super T, ?> value) {

  /// What a value means, and so how it is shown to people.
  public enum Kind {
    /// Words; cut where the screen is too narrow.
    TEXT,
    /// Names a thing; never cut.
    ID,
    /// Names a thing together with the other columns of this kind: a flow's addresses; shown as
    /// long as there is room for anything, and cut only where they alone are too wide.
    KEY,
    /// A whole number of things.
    COUNT,
    /// A number of bytes, shown with units.
    BYTES,
    /// Bytes per second, shown as bits per second.
    BYTE_RATE,
    /// Things per second.
    RATE,
    /// A number with a fraction.
    NUMBER,
    /// A number of which nobody knows what it means: shown as it is, to its last digit.
    PLAIN_NUMBER,
    /// Megabits per second; the title says so.
    MEGABITS,
    /// A number of milliseconds.
    MILLIS,
    /// 0 to 100.
    PERCENT,
    /// An instant.
    TIME,
    /// A number of seconds that went by.
    SECONDS,
    /// Yes or no.
    FLAG,
    /// A word for how something is: `up`, `degraded`, `down`; coloured.
    STATUS,
    /// A chart of characters, such as a sparkline; never cut.
    CHART;

    /// The unit of plain numbers, as titles have it; empty where the title says it, or there is
    /// none.
    String unit() {
      return switch (this) {
        case BYTE_RATE -> "BIT/S";
        case MILLIS -> "MS";
        case PERCENT -> "%";
        case SECONDS -> "S";
        case TEXT,
            ID,
            KEY,
            COUNT,
            BYTES,
            RATE,
            NUMBER,
            PLAIN_NUMBER,
            MEGABITS,
            TIME,
            FLAG,
            STATUS,
            CHART ->
            "";
      };
    }

    /// Whether values line up at their right end.
    public boolean alignsRight() {
      return switch (this) {
        case COUNT,
            BYTES,
            BYTE_RATE,
            RATE,
            NUMBER,
            PLAIN_NUMBER,
            MEGABITS,
            MILLIS,
            PERCENT,
            SECONDS ->
            true;
        case TEXT, ID, KEY, TIME, FLAG, STATUS, CHART -> false;
      };
    }
  }

  /// A column whose title is its name in capitals: `site_name` is shown as `SITE NAME`.
  public static <T> Column<T> of(String name, Kind kind, Function<? super T, ?> value) {
    return new Column<>(Heading.of(name, kind), value);
  }

  public static <T> Column<T> of(
      String name, String title, Kind kind, Function<? super T, ?> value) {
    return new Column<>(Heading.of(name, title, kind), value);
  }

  /// A column that tables for people leave out unless `--columns` names it.
  public static <T> Column<T> detail(String name, Kind kind, Function<? super T, ?> value) {
    return new Column<>(Heading.detail(name, kind), value);
  }

  /// These columns of a part of each row; cells are empty where there is no such part.
  public static <T, R> List<Column<R>> of(
      List<Column<T>> columns, Function<? super R, ? extends T> part) {
    return columns.stream().map(column -> column.<R>of(part)).toList();
  }

  /// This column of a part of each row; cells are empty where there is no such part.
  public <R> Column<R> of(Function<? super R, ? extends T> part) {
    return new Column<>(heading, (R row) -> value(part.apply(row)));
  }

  private @Nullable Object value(@Nullable T part) {
    return part == null ? null : value.apply(part);
  }

  /// This column as a detail, or as one that everybody sees.
  public Column<T> detailIf(boolean detail) {
    return new Column<>(heading.asDetail(detail), value);
  }

  /// This column as a part of another one, without which a narrow screen does not show it.
  public Column<T> partOf(String whole) {
    return new Column<>(heading.asPartOf(whole), value);
  }

  public String name() {
    return heading.name();
  }

  public Kind kind() {
    return heading.kind();
  }

  /// The cell of a row.
  public @Nullable Object cell(T row) {
    return switch (value.apply(row)) {
      case Optional<?> optional -> optional.orElse(null);
      case OptionalDouble number -> number.isPresent() ? (Object) number.getAsDouble() : null;
      case OptionalLong number -> number.isPresent() ? (Object) number.getAsLong() : null;
      case null -> null;
      case Object cell -> cell;
    };
  }
}
