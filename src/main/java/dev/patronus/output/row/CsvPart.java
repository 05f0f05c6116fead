package dev.patronus.output.row;

import dev.patronus.json.Json;
import dev.patronus.output.table.Heading;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;

/// A part of the rows of a [CsvWriter], encoded straight into bytes: the millions of rows of
/// numbers that several threads read and encode.
///
/// [CsvWriter] hands each cell to Jackson's generator as characters, which are encoded afterwards;
/// here a number becomes bytes at once, in half the time (`WriterBenchmark`, recorded in
/// `src/jmh/results/export.md`). Both write the same bytes: what is quoted is asked of the
/// [CsvWriter], and tests compare every kind of cell with the generator and read it with Jackson's
/// parser.
///
/// Confined to one thread.
final class CsvPart implements RowWriter {
  private static final String LINE_END = "\r\n";

  private final CsvWriter whole;
  private final ByteWriter out;
  private boolean inRow;

  /// @param whole decides what texts look like
  CsvPart(CsvWriter whole, OutputStream out) {
    this.whole = whole;
    this.out = new ByteWriter(out);
  }

  @Override
  public void begin(List<Heading> columns) {
    throw new IllegalStateException("a part has no header");
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
  public void unsigned(long value) throws IOException {
    separate();
    out.unsigned(value);
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
    String shown = whole.shown(value);
    if (CsvWriter.needsQuotes(shown)) {
      out.ascii('"');
      out.utf8(shown.replace("\"", "\"\""));
      out.ascii('"');
    } else {
      out.ascii(shown);
    }
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
