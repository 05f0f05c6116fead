package dev.patronus.output;

import dev.patronus.output.Answer.Block;
import dev.patronus.output.Answer.Facts;
import dev.patronus.output.Answer.Member;
import dev.patronus.output.Answer.Note;
import dev.patronus.output.Answer.Part;
import dev.patronus.output.Answer.Rows;
import dev.patronus.output.Answer.Sentence;
import dev.patronus.output.row.CsvWriter;
import dev.patronus.output.row.JsonDocument;
import dev.patronus.output.row.JsonRows;
import dev.patronus.output.row.RowWriter;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Heading;
import dev.patronus.output.table.Table;
import dev.patronus.output.text.DisplayWidth;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.output.text.Paragraph;
import dev.patronus.output.text.Screen;
import dev.patronus.output.text.Style;
import dev.patronus.output.text.TablePrinter;
import dev.patronus.output.text.TablePrinter.LeftOut;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/// Prints an [Answer] in the format that was asked for.
///
/// Confined to one thread. It does not own the stream.
public final class AnswerPrinter {
  private static final int LEAST_ROOM = 24;

  private final Format format;
  private final Screen screen;
  private final boolean spreadsheetSafe;

  public AnswerPrinter(Format format, Screen screen, boolean spreadsheetSafe) {
    this.format = format;
    this.screen = screen;
    this.spreadsheetSafe = spreadsheetSafe;
  }

  public void print(Answer answer, OutputStream out) throws IOException {
    switch (format) {
      case TABLE -> out.write(text(answer).getBytes(StandardCharsets.UTF_8));
      case JSON -> document(answer, out);
      case NDJSON -> rows(answer, JsonRows.lines(out));
      case CSV -> rows(answer, new CsvWriter(out, screen, spreadsheetSafe));
    }
    out.flush();
  }

  /// The answer as people read it. A table without a row is left to a sentence.
  public String text(Answer answer) {
    StringBuilder text = new StringBuilder();
    boolean gap = false;
    for (Part part : answer.parts()) {
      switch (part) {
        case Member _ -> {}
        case Sentence(String sentence) -> {
          gap = separate(gap, false, text);
          text.append(sentence(sentence)).append('\n');
        }
        case Note(String sentence) -> {
          gap = separate(gap, false, text);
          text.append(sentence(sentence)).append('\n');
        }
        case Block(String lines) -> {
          gap = separate(gap, false, text);
          text.append(lines).append('\n');
        }
        case Rows(Table<?> table) when table.isEmpty() -> {}
        case Rows(Table<?> table) -> {
          gap = separate(gap, true, text);
          title(table.title(), text);
          unshown(new TablePrinter(screen).print(table.withoutDetails(), text))
              .ifPresent(note -> text.append(Style.DIM.of(sentence(note), screen)).append('\n'));
        }
        case Facts facts -> {
          gap = separate(gap, true, text);
          facts(facts, text);
        }
      }
    }
    return text.toString();
  }

  private static boolean separate(boolean afterBlock, boolean block, StringBuilder text) {
    if (!text.isEmpty() && (afterBlock || block)) {
      text.append('\n');
    }
    return block;
  }

  private String sentence(String sentence) {
    String visible = HumanFormat.visible(sentence);
    int indent = 0;
    while (indent < visible.length() && " -".indexOf(visible.charAt(indent)) >= 0) {
      indent++;
    }
    return new Paragraph(screen.columns(), indent).words(visible).toString();
  }

  private static Optional<String> unshown(LeftOut left) {
    if (left.hidden().isEmpty() && left.cut().isEmpty()) {
      return Optional.empty();
    }
    StringJoiner what = new StringJoiner("; cut: ");
    if (!left.hidden().isEmpty()) {
      what.add("hidden because the screen is narrow: " + String.join(", ", left.hidden()));
    }
    if (!left.cut().isEmpty()) {
      String words = left.hidden().isEmpty() ? "cut because the screen is narrow: " : "";
      what.add(words + String.join(", ", left.cut()));
    }
    return Optional.of("(" + what + "; --wide shows all)");
  }

  private void title(String title, StringBuilder text) {
    if (!title.isEmpty()) {
      text.append(Style.HEADER.of(title, screen)).append('\n');
    }
  }

  private void facts(Facts facts, StringBuilder text) {
    title(facts.title(), text);
    int width = 0;
    for (Heading column : facts.values().keySet()) {
      width = Math.max(width, DisplayWidth.of(label(column, screen)));
    }
    for (Map.Entry<Heading, Object> entry : facts.values().entrySet()) {
      fact(entry.getKey(), entry.getValue(), width + 2, text);
    }
  }

  /// A label and its value; a value that is too long for the rest of the line goes on below itself,
  /// or has lines of its own where it is a single word.
  private void fact(Heading column, Object value, int indent, StringBuilder text) {
    String label = label(column, screen);
    String shown = screen.humane().text(column.kind(), value);
    int columns = screen.columns();
    text.append(Style.DIM.of(label, screen));
    if (columns <= 0 || indent + DisplayWidth.of(shown) <= columns) {
      text.append(" ".repeat(indent - DisplayWidth.of(label)));
      text.append(Style.forValue(column.kind(), shown, screen)).append('\n');
    } else if (shown.indexOf(' ') < 0 || columns - indent < LEAST_ROOM) {
      text.append('\n').append(new Paragraph(columns, 2).lead(" ", 1).words(shown)).append('\n');
    } else {
      String blanks = " ".repeat(indent - DisplayWidth.of(label) - 1);
      text.append(new Paragraph(columns, indent).lead(blanks, 1).words(shown)).append('\n');
    }
  }

  /// The unit of a duration, and of others that are shown with it, stands beside its value; plain
  /// numbers have none there.
  private static String label(Heading column, Screen screen) {
    if (screen.humane().rawNumbers()) {
      return column.kind() == Kind.BYTE_RATE
          ? column.plainTitle().toLowerCase(Locale.ROOT)
          : column.name().replace('_', ' ');
    }
    String unit =
        switch (column.kind()) {
          case SECONDS -> "_seconds";
          case MILLIS -> "_ms";
          case PERCENT -> "_pct";
          case TEXT,
              ID,
              KEY,
              COUNT,
              BYTES,
              BYTE_RATE,
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
    return without(column.name(), unit).replace('_', ' ');
  }

  private static String without(String name, String end) {
    return name.endsWith(end) ? name.substring(0, name.length() - end.length()) : name;
  }

  private void document(Answer answer, OutputStream out) throws IOException {
    JsonDocument document = new JsonDocument(out);
    for (Part part : answer.parts()) {
      switch (part) {
        case Member(String name, Object value) -> document.member(name, value);
        case Sentence _, Note _, Block _ -> {}
        case Facts facts -> document.object(facts.name(), facts.values());
        case Rows(Table<?> table) -> {
          document.rows(table.name(), table.headings()).rows(table);
          document.endRows();
        }
      }
    }
    document.finish();
  }

  private static void rows(Answer answer, RowWriter writer) throws IOException {
    Table<?> table = firstBlock(answer).orElseGet(() -> members(answer));
    writer.begin(table.headings());
    writer.rows(table);
    writer.finish();
  }

  /// What rows are made of: the first table, or the first thing with its properties as one row,
  /// whichever comes first.
  private static Optional<Table<?>> firstBlock(Answer answer) {
    for (Part part : answer.parts()) {
      if (part instanceof Rows(Table<?> table)) {
        return Optional.of(table);
      }
      if (part instanceof Facts facts) {
        return Optional.of(singleRow(facts.values()));
      }
    }
    return Optional.empty();
  }

  /// An answer that is neither, as one row of its members.
  private static Table<?> members(Answer answer) {
    Map<Heading, Object> cells = new LinkedHashMap<>();
    for (Part part : answer.parts()) {
      if (part instanceof Member(String name, Object value)) {
        cells.put(Heading.of(name, Column.Kind.TEXT), value);
      }
    }
    return singleRow(cells);
  }

  private static Table<?> singleRow(Map<Heading, Object> cells) {
    List<Column<Map<Heading, Object>>> columns = new ArrayList<>();
    cells.keySet().forEach(heading -> columns.add(new Column<>(heading, row -> row.get(heading))));
    return Table.of("rows", columns, List.of(cells));
  }
}
