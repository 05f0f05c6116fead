package dev.patronus.store.scan;

import dev.patronus.time.TimeRange;
import java.util.List;
import java.util.stream.Collectors;

/// The rows and columns to export.
///
/// Immutable.
///
/// @param groups only the rows of these policies or paths; empty for all
/// @param keys only rows within; its end is what makes a scan of a growing table end
public record ExportQuery(
    ExportTable extract,
    List<ExportColumn> fields,
    List<Long> groups,
    TimeRange range,
    KeyRange keys) {

  /// Keys from `first` to `last`, both included; empty if they are reversed.
  public record KeyRange(long first, long last) {
    /// The keys after this one, up to `last`.
    public static KeyRange after(long key, long last) {
      return key >= last ? new KeyRange(1, 0) : new KeyRange(key + 1, last);
    }

    boolean isEmpty() {
      return first > last;
    }
  }

  public ExportQuery {
    fields = List.copyOf(fields);
    groups = List.copyOf(groups);
    if (fields.isEmpty()) {
      throw new IllegalArgumentException("a selection must have a column");
    }
  }

  /// All rows of these keys, whatever their time.
  ExportQuery with(KeyRange other) {
    return new ExportQuery(extract, fields, groups, TimeRange.ALL, other);
  }

  boolean bounded() {
    return range.since().isPresent() || range.until().isPresent();
  }

  /// The fields as SQL, each after a comma.
  String columns() {
    return fields.stream().map(field -> ", " + field.sql()).collect(Collectors.joining());
  }

  /// The condition for the groups; empty if all are wanted. The numbers are ours, no text is.
  String groupCondition() {
    return groups.isEmpty()
        ? ""
        : " AND t."
            + extract.group()
            + " IN ("
            + groups.stream().map(String::valueOf).collect(Collectors.joining(","))
            + ")";
  }

  /// The condition for the time; empty if all of it is wanted.
  String timeCondition() {
    return bounded()
        ? " AND "
            + extract.time()
            + " >= "
            + literal(range.firstSecond())
            + " AND "
            + extract.time()
            + " < "
            + literal(range.endSecond())
        : "";
  }

  /// A number as SQL; the least one has no literal of its own.
  private static String literal(long number) {
    return number == Long.MIN_VALUE ? "(-9223372036854775807 - 1)" : Long.toString(number);
  }
}
