package dev.patronus.output.row;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.json.Json;
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

class CsvPartTest {
  private static final int COLUMNS = 6;
  private static final long YEAR_0 = -62_167_219_200L;
  private static final long YEAR_10_000 = 253_402_300_800L;
  private static final String[] PIECES = {
    "a", " ", ",", "\"", "'", "\r\n", "\n", "\t", "=", "é", "漢", "😀", "0", "\\", "\u0001", "\u007f"
  };

  private final long seed = Long.getLong("seed", System.nanoTime());
  private final Random random = new Random(seed);

  private String text() {
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(500) == 0 ? 70_000 : random.nextInt(8);
    for (int i = 0; i < length; i++) {
      text.append(PIECES[random.nextInt(PIECES.length)]);
    }
    return text.toString();
  }

  /// Jackson's generator in the dialect of the program.
  private static JsonGenerator generator(StringWriter to) {
    JsonGenerator generator =
        CsvFactory.builder()
            .enable(CsvWriteFeature.ALWAYS_QUOTE_STRINGS)
            .build()
            .createGenerator(new Dialect(), to);
    generator.writeStartArray();
    return generator;
  }

  private static final class Dialect extends ObjectWriteContext.Base {
    @Override
    public FormatSchema getSchema() {
      return CsvSchema.emptySchema().withLineSeparator("\r\n");
    }
  }

  private static RowWriter part(OutputStream out) throws IOException {
    CsvWriter whole = new CsvWriter(OutputStream.nullOutputStream(), true, false);
    whole.begin(List.of(Heading.of("a", Kind.TEXT)));
    return whole.part(out);
  }

  @Test
  void the_bytes_are_those_of_jacksons_generator() throws IOException {
    StringWriter expected = new StringWriter();
    JsonGenerator generator = generator(expected);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    RowWriter part = part(out);
    for (int i = 0; i < 20_000; i++) {
      generator.writeStartArray();
      for (int column = 0; column < COLUMNS; column++) {
        cell(part, generator);
      }
      generator.writeEndArray();
      part.endRow();
    }
    generator.flush();
    part.finish();
    assertEquals(
        expected.toString(),
        out.toString(StandardCharsets.UTF_8),
        () -> "repeat with -Dseed=" + seed);
  }

  /// The generator quotes each text that it is given as one, and none that it is given raw.
  private void cell(RowWriter part, JsonGenerator generator) throws IOException {
    long number = random.nextLong() >> random.nextInt(64);
    long second = random.nextLong(YEAR_0, YEAR_10_000);
    switch (random.nextInt(9)) {
      case 0 -> {
        part.number(number);
        generator.writeNumber(number);
      }
      case 1 -> {
        part.unsigned(number);
        generator.writeRawValue(Long.toUnsignedString(number));
      }
      case 2 -> {
        double decimal = number / (double) (1 << random.nextInt(12));
        part.decimal(decimal);
        generator.writeRawValue(Decimal.text(decimal));
      }
      case 3 -> {
        part.time(second);
        generator.writeRawValue(Instant.ofEpochSecond(second).toString());
      }
      case 4 -> {
        part.flag(number > 0);
        generator.writeBoolean(number > 0);
      }
      case 5 -> {
        String quoted = " " + text();
        part.text(quoted);
        generator.writeString(quoted);
      }
      case 6 -> {
        String plain = "p" + Long.toHexString(number);
        part.text(plain);
        generator.writeRawValue(plain);
      }
      case 7 -> {
        part.text("");
        generator.writeString("");
      }
      default -> {
        part.absent();
        generator.writeNull();
      }
    }
  }

  @Test
  void jacksons_parser_reads_the_texts_that_were_written() throws IOException {
    List<List<String>> rows = new ArrayList<>();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    RowWriter part = part(out);
    for (int i = 0; i < 1_000; i++) {
      List<String> row = List.of(text(), text(), "" + i);
      rows.add(row);
      part.text(row.get(0));
      part.text(row.get(1));
      part.number(i);
      part.endRow();
    }
    part.finish();
    try (MappingIterator<List<String>> read =
        new CsvMapper()
            .readerForListOf(String.class)
            .with(CsvReadFeature.WRAP_AS_ARRAY)
            .readValues(out.toString(StandardCharsets.UTF_8))) {
      assertEquals(rows, read.readAll(), () -> "repeat with -Dseed=" + seed);
    }
  }

  /// A whole file may be written by the one, and a file of many rows by the other.
  @Test
  void every_cell_has_the_bytes_of_the_writer_whose_part_it_is() throws IOException {
    for (boolean spreadsheetSafe : new boolean[] {false, true}) {
      ByteArrayOutputStream parts = new ByteArrayOutputStream();
      ByteArrayOutputStream whole = new ByteArrayOutputStream();
      CsvWriter writer = new CsvWriter(whole, false, spreadsheetSafe);
      RowWriter part = writer.part(parts);
      for (int i = 0; i < 2_000; i++) {
        String text = random.nextInt(3) == 0 ? "=" + text() : text();
        double decimal = i % 50 == 0 ? Double.NaN : random.nextGaussian() * 1e6;
        for (RowWriter each : List.of(writer, part)) {
          each.text(text);
          each.decimal(decimal);
          each.time(Instant.ofEpochMilli(i));
          each.json(Json.parse("{\"a\":[" + i + ",\"b\"]}"));
          each.strings(List.of("x", text));
          each.absent();
          each.endRow();
        }
      }
      writer.finish();
      part.finish();
      assertEquals(
          whole.toString(StandardCharsets.UTF_8),
          parts.toString(StandardCharsets.UTF_8),
          () -> "repeat with -Dseed=" + seed);
    }
  }
}
