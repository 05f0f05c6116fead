package dev.patronus.output.row;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Heading;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.MappingIterator;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvReadFeature;

class CsvWriterTest {
  private static final List<Heading> TWO =
      List.of(Heading.of("a", Kind.TEXT), Heading.of("b", Kind.TEXT));

  private static final String[] PIECES = {
    "a", " ", ",", "\"", "'", "\r\n", "\n", "\t", "=", "é", "漢", "😀", "0", "\\", "\u0001"
  };

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(10) == 0 ? 5000 : random.nextInt(12);
    for (int i = 0; i < length; i++) {
      text.append(PIECES[random.nextInt(PIECES.length)]);
    }
    return text.toString();
  }

  /// Long texts are longer than what the generator gathers before it hands characters on.
  @Test
  void what_a_strict_reader_reads_is_what_was_written() throws IOException {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    List<List<String>> rows = new ArrayList<>();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CsvWriter writer = new CsvWriter(out, false, false);
    writer.begin(TWO);
    for (int i = 0; i < 300; i++) {
      List<String> row = List.of(text(random), text(random));
      rows.add(row);
      writer.text(row.get(0));
      writer.text(row.get(1));
      writer.endRow();
    }
    writer.finish();
    try (MappingIterator<List<String>> read =
        new CsvMapper()
            .readerForListOf(String.class)
            .with(CsvReadFeature.WRAP_AS_ARRAY)
            .readValues(out.toString(StandardCharsets.UTF_8))) {
      assertEquals(rows, read.readAll(), () -> "repeat with -Dseed=" + seed);
    }
  }

  @Test
  void an_error_of_the_stream_is_thrown_as_it_is() throws IOException {
    IOException full = new IOException("no space left");
    CsvWriter writer =
        new CsvWriter(
            new OutputStream() {
              @Override
              public void write(int b) throws IOException {
                throw full;
              }
            },
            true,
            false);
    writer.begin(TWO);
    assertEquals(full, assertThrows(IOException.class, writer::finish));
  }
}
