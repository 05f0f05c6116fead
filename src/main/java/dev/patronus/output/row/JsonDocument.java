package dev.patronus.output.row;

import dev.patronus.json.Json;
import dev.patronus.output.table.Heading;
import dev.patronus.output.text.Decimal;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// One JSON document, written as it comes: members, objects, and arrays of rows.
///
/// Confined to one thread. Starts with `"schema": 1`; within a schema number names are only added.
public final class JsonDocument {
  /// The number of the schema that all documents follow.
  public static final int SCHEMA = 1;

  private final ByteWriter out;

  public JsonDocument(OutputStream stream) throws IOException {
    out = new ByteWriter(stream);
    out.ascii("{\n  \"schema\": ");
    out.number(SCHEMA);
  }

  private void name(String name) throws IOException {
    out.ascii(",\n  ");
    out.utf8(Json.quoted(name));
    out.ascii(": ");
  }

  /// Writes a member with a plain value, of the kinds that a
  /// [Column][dev.patronus.output.table.Column] gives.
  public void member(String name, Object value) throws IOException {
    name(name);
    out.utf8(valueText(value));
  }

  /// Writes a member that is an object.
  public void object(String name, Map<Heading, Object> values) throws IOException {
    name(name);
    out.utf8(objectText(values));
  }

  /// Begins a member that is an array of rows; [#endRows()] ends it.
  public RowWriter rows(String name, List<Heading> columns) throws IOException {
    name(name);
    out.ascii('[');
    JsonRows rows = new JsonRows(out, false);
    rows.begin(columns);
    return rows;
  }

  /// Begins the array that the document ends with: finishing the writer ends both.
  public JoinableWriter lastRows(String name) throws IOException {
    name(name);
    out.ascii('[');
    return new JsonRows(out, "\n  ]\n}\n");
  }

  /// Ends the array that [#rows] began.
  public void endRows() throws IOException {
    out.ascii("\n  ]");
  }

  /// Ends the document and flushes it.
  public void finish() throws IOException {
    out.ascii("\n}\n");
    out.flush();
  }

  private static String objectText(Map<?, ?> members) {
    StringBuilder text = new StringBuilder("{");
    for (Map.Entry<?, ?> member : members.entrySet()) {
      if (text.length() > 1) {
        text.append(", ");
      }
      Object key = member.getKey();
      text.append(Json.quoted(key instanceof Heading heading ? heading.name() : key.toString()));
      text.append(": ").append(valueText(member.getValue()));
    }
    return text.append('}').toString();
  }

  private static String valueText(Object value) {
    return switch (value) {
      case null -> "null";
      case String text -> Json.quoted(text);
      case Long number -> number.toString();
      case Integer number -> number.toString();
      case Double number -> Double.isFinite(number) ? Decimal.text(number) : "null";
      case Boolean flag -> flag.toString();
      case Instant instant -> Json.quoted(instant.toString());
      case Json json -> json.toString();
      case List<?> strings -> Json.array(strings);
      case Map<?, ?> members -> objectText(members);
      case OptionalDouble number -> number.isPresent() ? valueText(number.getAsDouble()) : "null";
      default ->
          throw new IllegalArgumentException(
              "a member cannot hold a " + value.getClass().getName());
    };
  }
}
