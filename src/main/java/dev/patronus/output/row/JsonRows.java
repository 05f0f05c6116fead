package dev.patronus.output.row;

import dev.patronus.json.Json;
import dev.patronus.output.table.Heading;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;

/// Rows as JSON objects: one a line (NDJSON), or as the elements of an array.
///
/// The names of the columns are encoded once.
public final class JsonRows implements JoinableWriter {
  private final ByteWriter out;
  private final boolean lines;
  private final boolean part;
  private final String closing;
  private byte[][] prefixes = {};
  private int at;
  private boolean any;

  JsonRows(ByteWriter out, boolean lines) {
    this(out, lines, false, "");
  }

  /// @param closing what ends the document after the last row
  JsonRows(ByteWriter out, String closing) {
    this(out, false, false, closing);
  }

  /// @param part whether all rows are taken for such that follow others
  private JsonRows(ByteWriter out, boolean lines, boolean part, String closing) {
    this.out = out;
    this.lines = lines;
    this.part = part;
    this.closing = closing;
    this.any = part;
  }

  /// One object a line.
  public static JsonRows lines(OutputStream out) {
    return new JsonRows(new ByteWriter(out), true);
  }

  @Override
  public void begin(List<Heading> columns) {
    prefixes = new byte[columns.size()][];
    for (int i = 0; i < prefixes.length; i++) {
      String prefix = (i == 0 ? "{" : ",") + Json.quoted(columns.get(i).name()) + ":";
      prefixes[i] = prefix.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }
  }

  @Override
  public RowWriter part(OutputStream stream) {
    JsonRows rows = new JsonRows(new ByteWriter(stream), lines, true, "");
    rows.prefixes = prefixes;
    return rows;
  }

  /// Each row of a part begins with the comma that separates it from the one before; the first of
  /// all has none.
  @Override
  public void append(byte[] rows, int length) throws IOException {
    int from = lines || any || length == 0 ? 0 : 1;
    out.bytes(rows, from, length - from);
    any |= length > 0;
  }

  private void name() throws IOException {
    if (at == 0 && !lines) {
      out.ascii(any ? ",\n    " : "\n    ");
    }
    any = true;
    out.bytes(prefixes[at++]);
  }

  @Override
  public void number(long value) throws IOException {
    name();
    out.number(value);
  }

  @Override
  public void decimal(double value) throws IOException {
    name();
    if (Double.isFinite(value)) {
      out.decimal(value);
    } else {
      out.ascii("null");
    }
  }

  @Override
  public void text(String value) throws IOException {
    name();
    out.utf8(Json.quoted(value));
  }

  @Override
  public void flag(boolean value) throws IOException {
    name();
    out.ascii(value ? "true" : "false");
  }

  @Override
  public void time(Instant value) throws IOException {
    name();
    out.ascii('"');
    out.ascii(value.toString());
    out.ascii('"');
  }

  @Override
  public void unsigned(long value) throws IOException {
    name();
    out.ascii('"');
    out.unsigned(value);
    out.ascii('"');
  }

  @Override
  public void time(long epochSecond) throws IOException {
    name();
    out.ascii('"');
    out.time(epochSecond);
    out.ascii('"');
  }

  @Override
  public void json(Json value) throws IOException {
    name();
    out.utf8(value.toString());
  }

  @Override
  public void strings(List<?> values) throws IOException {
    name();
    out.utf8(Json.array(values));
  }

  @Override
  public void absent() throws IOException {
    name();
    out.ascii("null");
  }

  @Override
  public void endRow() throws IOException {
    out.ascii(prefixes.length == 0 ? "{}" : "}");
    if (lines) {
      out.ascii('\n');
    }
    at = 0;
  }

  @Override
  public void finish() throws IOException {
    out.ascii(closing);
    if (lines || part || !closing.isEmpty()) {
      out.flush();
    }
  }
}
