package dev.patronus.output.row;

import dev.patronus.json.Json;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Heading;
import dev.patronus.output.table.Table;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes rows as bytes, cell by cell, in constant memory.
///
/// Confined to one thread. Cells come in the order of the columns; each row ends with [#endRow()];
/// [#finish()] makes the output whole and flushes it. It does not own the stream.
public interface RowWriter {
  void begin(List<Heading> columns) throws IOException;

  /// A whole number, exactly.
  void number(long value) throws IOException;

  /// A number with a fraction, in its shortest exact form; not a number and infinity are absent.
  void decimal(double value) throws IOException;

  void text(String value) throws IOException;

  void flag(boolean value) throws IOException;

  /// An unsigned 64-bit identifier: digits, and in JSON a string of them, since half of them are
  /// beyond what a reader of JSON keeps exactly.
  void unsigned(long value) throws IOException;

  /// An instant, as RFC 3339 in UTC.
  void time(Instant value) throws IOException;

  /// An instant in epoch seconds, as RFC 3339 in UTC.
  void time(long epochSecond) throws IOException;

  void json(Json value) throws IOException;

  void strings(List<?> values) throws IOException;

  void absent() throws IOException;

  void endRow() throws IOException;

  void finish() throws IOException;

  /// Writes a cell of any of the kinds that a [Column] gives.
  default void cell(@Nullable Object value) throws IOException {
    switch (value) {
      case null -> absent();
      case String text -> text(text);
      case Long number -> number(number);
      case Integer number -> number(number);
      case Double number -> decimal(number);
      case Boolean flag -> flag(flag);
      case Instant instant -> time(instant);
      case Json json -> json(json);
      case List<?> strings -> strings(strings);
      default ->
          throw new IllegalArgumentException("a cell cannot hold a " + value.getClass().getName());
    }
  }

  /// Writes the rows of a table.
  default <T> void rows(Table<T> table) throws IOException {
    for (T row : table.rows()) {
      for (Column<T> column : table.columns()) {
        cell(column.cell(row));
      }
      endRow();
    }
  }
}
