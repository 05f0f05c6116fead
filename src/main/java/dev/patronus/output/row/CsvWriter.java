package dev.patronus.output.row;

import dev.patronus.json.Json;
import dev.patronus.output.table.Heading;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.output.text.Screen;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;

/// Rows as CSV: RFC 4180, CRLF at line ends, a header even where no row follows.
///
/// A field is quoted where `sqlite3 -csv` quotes one, which is wherever RFC 4180 asks for it and
/// some places more: blanks, quotes of both kinds, commas, control characters, all beyond ASCII,
/// and the empty text, which is not an absent one. With `spreadsheetSafe`, text that a spreadsheet
/// would take for a formula gets an apostrophe before it.
///
/// Cells go into bytes without a text between, which takes two thirds of the time that Jackson's
/// generator needs; tests compare the bytes with that one's (`src/jmh/results/export.md`).
public final class CsvWriter implements JoinableWriter {
  private static final String LINE_END = "\r\n";

  private final ByteWriter out;
  private final boolean header;
  private final boolean visible;
  private final boolean spreadsheetSafe;
  private boolean inRow;

  public CsvWriter(OutputStream out, boolean header, boolean spreadsheetSafe) {
    this(out, header, false, spreadsheetSafe);
  }

  /// On a terminal, which no character of a name shall drive; anywhere else text goes as it is.
  public CsvWriter(OutputStream out, Screen screen, boolean spreadsheetSafe) {
    this(out, screen.headers(), screen.columns() > 0, spreadsheetSafe);
  }

  private CsvWriter(OutputStream out, boolean header, boolean visible, boolean spreadsheetSafe) {
    this.out = new ByteWriter(out);
    this.header = header;
    this.visible = visible;
    this.spreadsheetSafe = spreadsheetSafe;
  }

  @Override
  public void begin(List<Heading> columns) throws IOException {
    if (header) {
      for (Heading column : columns) {
        text(column.name());
      }
      endRow();
    }
  }

  @Override
  public RowWriter part(OutputStream stream) {
    return new CsvWriter(stream, false, visible, spreadsheetSafe);
  }

  @Override
  public void append(byte[] rows, int length) throws IOException {
    out.bytes(rows, 0, length);
  }

  private void separate() throws IOException {
    if (inRow) {
      out.ascii(',');
    }
    inRow = true;
  }

  @Override
  public void number(long value) throws IOException {
    separate();
    out.number(value);
  }

  @Override
  public void decimal(double value) throws IOException {
    separate();
    if (Double.isFinite(value)) {
      out.decimal(value);
    }
  }

  @Override
  public void text(String value) throws IOException {
    separate();
    String shown = visible ? HumanFormat.visible(value) : value;
    String safe = spreadsheetSafe && startsFormula(shown) ? "'" + shown : shown;
    if (needsQuotes(safe)) {
      out.ascii('"');
      out.utf8(safe.replace("\"", "\"\""));
      out.ascii('"');
    } else {
      out.ascii(safe);
    }
  }

  private static boolean startsFormula(String text) {
    return !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0;
  }

  private static boolean needsQuotes(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c >= 127 || c == ',' || c == '"' || c == '\'') {
        return true;
      }
    }
    return text.isEmpty();
  }

  @Override
  public void flag(boolean value) throws IOException {
    separate();
    out.ascii(value ? "true" : "false");
  }

  @Override
  public void time(Instant value) throws IOException {
    separate();
    out.ascii(value.toString());
  }

  @Override
  public void unsigned(long value) throws IOException {
    separate();
    out.unsigned(value);
  }

  @Override
  public void time(long epochSecond) throws IOException {
    separate();
    out.time(epochSecond);
  }

  @Override
  public void json(Json value) throws IOException {
    text(value.toString());
  }

  @Override
  public void strings(List<?> values) throws IOException {
    text(Json.array(values));
  }

  @Override
  public void absent() throws IOException {
    separate();
  }

  @Override
  public void endRow() throws IOException {
    inRow = false;
    out.ascii(LINE_END);
  }

  @Override
  public void finish() throws IOException {
    out.flush();
  }
}
