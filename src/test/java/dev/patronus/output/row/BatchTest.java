package dev.patronus.output.row;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.json.Json;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Heading;
import dev.patronus.output.text.DisplayWidth;
import dev.patronus.output.text.Screen;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchTest {
  private static final List<Heading> COLUMNS =
      List.of(
          Heading.of("id", Kind.ID),
          Heading.of("bytes", Kind.BYTES),
          Heading.of("loss", Kind.PERCENT),
          Heading.of("at", Kind.TIME),
          Heading.of("on", Kind.FLAG),
          Heading.of("name", Kind.TEXT),
          Heading.of("rules", Kind.TEXT));

  private static Batch twoRows() {
    Batch batch = new Batch(COLUMNS.size());
    batch.unsigned(0, -1);
    batch.number(1, 1_500_000_000);
    batch.decimal(2, 0.25);
    batch.time(3, 0);
    batch.flag(4, true);
    batch.text(5, "say \"hi\"");
    batch.json(6, Json.parse("{\"a\":1}"));
    batch.endRow();
    for (int column = 0; column < COLUMNS.size(); column++) {
      batch.absent(column);
    }
    batch.endRow();
    return batch;
  }

  private static String written(ByteArrayOutputStream out, RowWriter writer) throws IOException {
    writer.begin(COLUMNS);
    twoRows().writeTo(writer);
    writer.finish();
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void rows_become_csv() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertEquals(
        "id,bytes,loss,at,on,name,rules\r\n"
            + "18446744073709551615,1500000000,0.25,1970-01-01T00:00:00Z,true,"
            + "\"say \"\"hi\"\"\",\"{\"\"a\"\":1}\"\r\n"
            + ",,,,,,\r\n",
        written(out, new CsvWriter(out, true, false)));
  }

  @Test
  void rows_become_lines_of_json() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertEquals(
        """
        {"id":"18446744073709551615","bytes":1500000000,"loss":0.25,"at":"1970-01-01T00:00:00Z",\
        "on":true,"name":"say \\"hi\\"","rules":{"a":1}}
        {"id":null,"bytes":null,"loss":null,"at":null,"on":null,"name":null,"rules":null}
        """,
        written(out, JsonRows.lines(out)));
  }

  @Test
  void rows_become_a_table_with_the_widths_of_the_first_ones() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Screen screen = new Screen(0, false, true, ZoneOffset.UTC, false, true);
    assertEquals(
        """
        ID                      BYTES    LOSS  AT                   ON   NAME      RULES
        18446744073709551615  1.50 GB  0.25 %  1970-01-01 00:00:00  yes  say "hi"  {"a":1}
        -                           -       -  -                    -    -         -
        """,
        written(out, new StreamedTable(out, screen)));
  }

  @Test
  void a_table_on_a_narrow_screen_cuts_words_and_no_line_is_wider() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Screen screen = new Screen(72, false, true, ZoneOffset.UTC, false, true);
    String table = written(out, new StreamedTable(out, screen));
    assertTrue(table.lines().allMatch(line -> DisplayWidth.of(line) <= 72), table);
  }

  @Test
  void a_wider_number_after_the_sample_pushes_its_line_out() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    StreamedTable table =
        new StreamedTable(out, new Screen(0, false, true, ZoneOffset.UTC, true, false));
    table.begin(List.of(Heading.of("n", Kind.COUNT)));
    for (int i = 0; i < StreamedTable.SAMPLE; i++) {
      table.number(1);
      table.endRow();
    }
    table.number(12345);
    table.endRow();
    table.finish();
    assertTrue(out.toString(StandardCharsets.UTF_8).endsWith("1\n12345\n"));
  }

  @Test
  void a_cleared_batch_has_no_rows_and_a_full_one_says_so() {
    Batch batch = new Batch(1);
    for (int i = 0; i < Batch.ROWS; i++) {
      assertFalse(batch.full());
      batch.number(0, i);
      batch.endRow();
    }
    assertTrue(batch.full());
    batch.clear();
    assertEquals(0, batch.rows());
  }

  @Test
  void whole_numbers_can_be_read_back_and_cells_copied() {
    Batch from = twoRows();
    Batch to = new Batch(COLUMNS.size());
    for (int column = 0; column < COLUMNS.size(); column++) {
      to.copy(column, from, 0, column);
    }
    to.endRow();
    assertTrue(to.isWhole(0, 1));
    assertFalse(to.isWhole(0, 2));
    assertEquals(1_500_000_000, to.whole(0, 1));
  }

  @Test
  void unsigned_numbers_are_written_like_java_does() throws IOException {
    for (long value :
        new long[] {0, 1, Long.MAX_VALUE, Long.MIN_VALUE, -1, -10, -9, 1L << 63 | 5}) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      ByteWriter writer = new ByteWriter(bytes);
      writer.unsigned(value);
      writer.flush();
      assertEquals(Long.toUnsignedString(value), bytes.toString(StandardCharsets.UTF_8));
    }
  }
}
