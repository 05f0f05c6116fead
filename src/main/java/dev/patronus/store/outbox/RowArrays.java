package dev.patronus.store.outbox;

import dev.patronus.json.Json;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The rows of a batch as JSON arrays, by the member that they belong to, with a limit in bytes.
final class RowArrays {
  /// So many characters of a text are sent, so that each row fits into a call: 4 MiB, and at most
  /// eight texts of 4 bytes a character.
  static final int LONGEST_TEXT = 100_000;

  private final Map<String, StringBuilder> members = new LinkedHashMap<>();
  private final long limit;
  private long bytes;
  private long rows;
  private StringBuilder row = new StringBuilder();

  /// @param limit after so many bytes the batch is full
  RowArrays(long limit) {
    this.limit = limit;
  }

  boolean full() {
    return bytes >= limit;
  }

  long rows() {
    return rows;
  }

  long bytes() {
    return bytes;
  }

  /// Begins a row.
  RowArrays begin(String member) {
    row = members.computeIfAbsent(member, _ -> new StringBuilder());
    row.append(row.isEmpty() ? "[" : ",[");
    rows++;
    bytes += 2;
    return this;
  }

  private RowArrays value(String text) {
    boolean first = row.charAt(row.length() - 1) == '[';
    row.append(first ? "" : ",").append(text);
    bytes += text.length() + 1;
    return this;
  }

  RowArrays number(long number) {
    return value(Long.toString(number));
  }

  /// @param text null for null
  RowArrays text(@Nullable String text) {
    if (text == null) {
      return value("null");
    }
    // What the hub's text cannot hold is replaced.
    String quoted = new Json.Text(cut(text).replace('\0', '\uFFFD')).toString();
    bytes += quoted.getBytes(StandardCharsets.UTF_8).length - quoted.length();
    return value(quoted);
  }

  private static String cut(String text) {
    if (text.length() <= LONGEST_TEXT) {
      return text;
    }
    boolean pair = Character.isHighSurrogate(text.charAt(LONGEST_TEXT - 1));
    return text.substring(0, pair ? LONGEST_TEXT - 1 : LONGEST_TEXT);
  }

  /// Columns that are whole numbers and not NULL.
  RowArrays numbers(ResultSet columns, int first, int last) throws SQLException {
    for (int i = first; i <= last; i++) {
      value(Long.toString(columns.getLong(i)));
    }
    return this;
  }

  /// Columns that are whole numbers or NULL.
  RowArrays nullable(ResultSet columns, int first, int last) throws SQLException {
    for (int i = first; i <= last; i++) {
      long number = columns.getLong(i);
      value(columns.wasNull() ? "null" : Long.toString(number));
    }
    return this;
  }

  /// Columns that are real numbers or NULL.
  RowArrays reals(ResultSet columns, int first, int last) throws SQLException {
    for (int i = first; i <= last; i++) {
      double number = columns.getDouble(i);
      value(columns.wasNull() || !Double.isFinite(number) ? "null" : Double.toString(number));
    }
    return this;
  }

  /// Columns that are texts or NULL.
  RowArrays texts(ResultSet columns, int first, int last) throws SQLException {
    for (int i = first; i <= last; i++) {
      text(columns.getString(i));
    }
    return this;
  }

  /// Columns that are texts and not NULL where the hub has none.
  RowArrays present(ResultSet columns, int first, int last) throws SQLException {
    for (int i = first; i <= last; i++) {
      String text = columns.getString(i);
      text(text == null ? "" : text);
    }
    return this;
  }

  void end() {
    row.append(']');
  }

  /// The members, each behind a comma: `,"days":[[...],[...]]`.
  String json() {
    StringBuilder json = new StringBuilder();
    members.forEach(
        (name, text) -> json.append(",\"").append(name).append("\":[").append(text).append(']'));
    return json.toString();
  }

  /// The rows of one member: `[[...],[...]]`.
  String json(String member) {
    return "[" + members.getOrDefault(member, new StringBuilder()) + "]";
  }
}
