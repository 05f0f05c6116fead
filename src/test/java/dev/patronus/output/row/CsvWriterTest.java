package dev.patronus.output.row;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Heading;
import dev.patronus.output.text.Decimal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.core.FormatSchema;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.databind.MappingIterator;
import tools.jackson.dataformat.csv.CsvFactory;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvReadFeature;
import tools.jackson.dataformat.csv.CsvSchema;
import tools.jackson.dataformat.csv.CsvWriteFeature;

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

  /// The generator quotes each text that it is given as one, and none of those that it is given
  /// raw.
  @Test
  void the_bytes_are_those_of_jacksons_generator() throws IOException {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    StringWriter expected = new StringWriter();
    JsonGenerator judge =
        CsvFactory.builder()
            .enable(CsvWriteFeature.ALWAYS_QUOTE_STRINGS)
            .build()
            .createGenerator(new Dialect(), expected);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CsvWriter writer = new CsvWriter(out, false, false);
    writer.begin(TWO);
    judge.writeStartArray();
    for (int i = 0; i < 20_000; i++) {
      judge.writeStartArray();
      for (int column = 0; column < 6; column++) {
        cell(random, writer, judge);
      }
      judge.writeEndArray();
      writer.endRow();
    }
    judge.flush();
    writer.finish();
    String[] rows = expected.toString().split("\r\n", -1);
    String[] written = out.toString(StandardCharsets.UTF_8).split("\r\n", -1);
    for (int i = 0; i < rows.length; i++) {
      assertEquals(rows[i], written[i], () -> "repeat with -Dseed=" + seed);
    }
    assertEquals(rows.length, written.length);
  }

  private static final class Dialect extends ObjectWriteContext.Base {
    @Override
    public FormatSchema getSchema() {
      return CsvSchema.emptySchema().withLineSeparator("\r\n");
    }
  }

  private static void cell(Random random, RowWriter writer, JsonGenerator judge)
      throws IOException {
    long number = random.nextLong() >> random.nextInt(64);
    long second = random.nextLong(-62_167_219_200L, 253_402_300_800L);
    switch (random.nextInt(8)) {
      case 0 -> {
        writer.number(number);
        judge.writeNumber(number);
      }
      case 1 -> {
        writer.unsigned(number);
        judge.writeRawValue(Long.toUnsignedString(number));
      }
      case 2 -> {
        double decimal = number / (double) (1 << random.nextInt(12));
        writer.decimal(decimal);
        judge.writeRawValue(Decimal.text(decimal));
      }
      case 3 -> {
        writer.time(second);
        judge.writeRawValue(Instant.ofEpochSecond(second).toString());
      }
      case 4 -> {
        writer.flag(number > 0);
        judge.writeBoolean(number > 0);
      }
      case 5 -> {
        String quoted = " " + text(random);
        writer.text(quoted);
        judge.writeString(quoted);
      }
      case 6 -> {
        String plain = "p" + Long.toHexString(number);
        writer.text(plain);
        judge.writeRawValue(plain);
      }
      default -> {
        writer.absent();
        judge.writeNull();
      }
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
