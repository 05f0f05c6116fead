package dev.patronus.output.row;

import dev.patronus.json.Json;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Heading;
import dev.patronus.output.text.ColumnWidths;
import dev.patronus.output.text.ColumnWidths.Names;
import dev.patronus.output.text.DisplayWidth;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.output.text.Screen;
import dev.patronus.output.text.Style;
import dev.patronus.time.EpochSeconds;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Rows as aligned columns, in constant memory: the first [#SAMPLE] rows decide the widths. A later
/// number that is wider pushes its line out rather than being cut; words are cut.
///
/// Confined to one thread. It does not own the stream.
public final class StreamedTable implements RowWriter {
  /// How many rows are looked at before the first line is printed.
  static final int SAMPLE = 500;

  private final ByteWriter out;
  private final Screen screen;
  private final HumanFormat humane;
  private final List<String[]> sample = new ArrayList<>();
  private List<Heading> columns = List.of();
  private String[] row = {};
  private int at;
  private int[] widths = {};
  private boolean[] shown = {};
  private boolean sampled;

  public StreamedTable(OutputStream out, Screen screen) {
    this.out = new ByteWriter(out);
    this.screen = screen;
    this.humane = screen.humane();
  }

  @Override
  public void begin(List<Heading> columns) {
    this.columns = List.copyOf(columns);
    row = new String[columns.size()];
  }

  private void put(@Nullable Object value) {
    row[at] = humane.text(columns.get(at).kind(), value);
    at++;
  }

  @Override
  public void number(long value) {
    put(value);
  }

  @Override
  public void unsigned(long value) {
    put(Long.toUnsignedString(value));
  }

  @Override
  public void decimal(double value) {
    put(value);
  }

  @Override
  public void text(String value) {
    put(value);
  }

  @Override
  public void flag(boolean value) {
    put(value);
  }

  @Override
  public void time(Instant value) {
    put(value);
  }

  @Override
  public void time(long epochSecond) {
    put(EpochSeconds.toInstant(epochSecond));
  }

  @Override
  public void json(Json value) {
    put(value);
  }

  @Override
  public void strings(List<?> values) {
    put(values);
  }

  @Override
  public void absent() {
    put(null);
  }

  @Override
  public void endRow() throws IOException {
    at = 0;
    if (sampled) {
      line(row, false);
      return;
    }
    sample.add(row.clone());
    if (sample.size() == SAMPLE) {
      printSample();
    }
  }

  @Override
  public void finish() throws IOException {
    if (!sampled) {
      printSample();
    }
    out.flush();
  }

  private void printSample() throws IOException {
    sampled = true;
    String[] titles = columns.stream().map(Heading::title).toArray(String[]::new);
    widths = new int[titles.length];
    if (screen.headers()) {
      widen(titles);
    }
    sample.forEach(this::widen);
    shown = ColumnWidths.fit(columns, widths, screen.columns(), -1, () -> Names.NONE);
    if (screen.headers()) {
      line(titles, true);
    }
    for (String[] cells : sample) {
      line(cells, false);
    }
    sample.clear();
  }

  private void widen(String... cells) {
    for (int i = 0; i < cells.length; i++) {
      widths[i] = Math.max(widths[i], DisplayWidth.of(cells[i]));
    }
  }

  private void line(String[] cells, boolean header) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < shown.length; i++) {
      if (!shown[i]) {
        continue;
      }
      Kind kind = columns.get(i).kind();
      String cell =
          kind == Kind.TEXT || header ? DisplayWidth.cut(cells[i], widths[i], screen) : cells[i];
      String blanks = " ".repeat(Math.max(0, widths[i] - DisplayWidth.of(cell)));
      String text = header ? Style.HEADER.of(cell, screen) : Style.forValue(kind, cell, screen);
      line.append(line.isEmpty() ? "" : ColumnWidths.GAP);
      line.append(kind.alignsRight() ? blanks + text : text + blanks);
    }
    out.utf8(line.toString().stripTrailing());
    out.ascii('\n');
  }
}
