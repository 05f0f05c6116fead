package dev.patronus.output.row;

import dev.patronus.json.Json;
import dev.patronus.output.table.Heading;
import dev.patronus.output.text.Decimal;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.output.text.Screen;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import tools.jackson.core.FormatSchema;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.dataformat.csv.CsvFactory;
import tools.jackson.dataformat.csv.CsvSchema;
import tools.jackson.dataformat.csv.CsvWriteFeature;

/// Rows as CSV: RFC 4180, CRLF at line ends, a header even where no row follows.
///
/// A field is quoted where `sqlite3 -csv` quotes one, which is wherever RFC 4180 asks for it and
/// some places more: blanks, quotes of both kinds, commas, control characters, all beyond ASCII,
/// and the empty text, which is not an absent one. With `spreadsheetSafe`, text that a spreadsheet
/// would take for a formula gets an apostrophe before it.
public final class CsvWriter implements JoinableWriter {
  private static final String LINE_END = "\r\n";

  /// Quotes each text that it is given as one; [#needsQuotes] decides which ones are.
  private static final CsvFactory FACTORY =
      CsvFactory.builder().enable(CsvWriteFeature.ALWAYS_QUOTE_STRINGS).build();

  private static final ObjectWriteContext CONTEXT = new Dialect();

  /// So many characters are gathered before they are written.
  private static final int CHUNK = 1 << 15;

  private final OutputStream out;
  private final boolean header;
  private final boolean visible;
  private final boolean spreadsheetSafe;
  private final StringWriter text = new StringWriter();
  private final JsonGenerator csv = FACTORY.createGenerator(CONTEXT, text);
  private boolean inRow;
  private final SecondText seconds = new SecondText();

  /// What the format has beside its features.
  private static final class Dialect extends ObjectWriteContext.Base {
    private final CsvSchema schema = CsvSchema.emptySchema().withLineSeparator(LINE_END);

    @Override
    public FormatSchema getSchema() {
      return schema;
    }
  }

  public CsvWriter(OutputStream out, boolean header, boolean spreadsheetSafe) {
    this(out, header, false, spreadsheetSafe);
  }

  /// On a terminal, which no character of a name shall drive; anywhere else text goes as it is.
  public CsvWriter(OutputStream out, Screen screen, boolean spreadsheetSafe) {
    this(out, screen.headers(), screen.columns() > 0, spreadsheetSafe);
  }

  private CsvWriter(OutputStream out, boolean header, boolean visible, boolean spreadsheetSafe) {
    this.out = out;
    this.header = header;
    this.visible = visible;
    this.spreadsheetSafe = spreadsheetSafe;
    csv.writeStartArray();
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
    return new CsvPart(this, stream);
  }

  @Override
  public void append(byte[] rows, int length) throws IOException {
    drain();
    out.write(rows, 0, length);
  }

  private JsonGenerator cell() {
    if (!inRow) {
      csv.writeStartArray();
      inRow = true;
    }
    return csv;
  }

  @Override
  public void number(long value) {
    cell().writeNumber(value);
  }

  @Override
  public void decimal(double value) {
    if (Double.isFinite(value)) {
      cell().writeRawValue(Decimal.text(value));
    } else {
      absent();
    }
  }

  @Override
  public void text(String value) {
    String shown = shown(value);
    if (needsQuotes(shown)) {
      cell().writeString(shown);
    } else {
      cell().writeRawValue(shown);
    }
  }

  /// What is written of a text, before it is quoted.
  String shown(String value) {
    String shown = visible ? HumanFormat.visible(value) : value;
    return spreadsheetSafe && startsFormula(shown) ? "'" + shown : shown;
  }

  private static boolean startsFormula(String text) {
    return !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0;
  }

  static boolean needsQuotes(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c >= 127 || c == ',' || c == '"' || c == '\'') {
        return true;
      }
    }
    return text.isEmpty();
  }

  @Override
  public void flag(boolean value) {
    cell().writeBoolean(value);
  }

  @Override
  public void time(Instant value) {
    cell().writeRawValue(value.toString());
  }

  @Override
  public void unsigned(long value) {
    cell().writeRawValue(Long.toUnsignedString(value));
  }

  @Override
  public void time(long epochSecond) {
    cell().writeRawValue(new String(seconds.of(epochSecond), StandardCharsets.US_ASCII));
  }

  @Override
  public void json(Json value) {
    text(value.toString());
  }

  @Override
  public void strings(List<?> values) {
    text(Json.array(values));
  }

  @Override
  public void absent() {
    cell().writeNull();
  }

  @Override
  public void endRow() throws IOException {
    if (inRow) {
      csv.writeEndArray();
      inRow = false;
    } else {
      csv.writeRaw(LINE_END); // a row of no columns
    }
    if (text.getBuffer().length() > CHUNK) {
      drain();
    }
  }

  private void drain() throws IOException {
    csv.flush();
    out.write(text.toString().getBytes(StandardCharsets.UTF_8));
    text.getBuffer().setLength(0);
  }

  @Override
  public void finish() throws IOException {
    drain();
    out.flush();
  }
}
