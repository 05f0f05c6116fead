package dev.patronus.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Heading;
import dev.patronus.output.table.Table;
import dev.patronus.output.text.Screen;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AnswerPrinterTest {
  private record Row(String id, String site, double speed) {}

  private static final Column<Row> ID = Column.of("path_id", "ID", Kind.ID, Row::id);
  private static final Column<Row> SITE = Column.detail("site_id", Kind.ID, Row::site);
  private static final Column<Row> SPEED =
      Column.of("bandwidth_mbps", "MBIT/S", Kind.MEGABITS, Row::speed);

  private static Table<Row> paths() {
    List<Row> rows = List.of(new Row("1", "5f0a", 1000.0), new Row("2", "77b1", 49.94));
    return Table.of("paths", List.of(ID, SITE, SPEED), rows)
        .withFooter(List.of(new Row("-", null, 2.5)));
  }

  private static String print(Answer answer, Format format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Screen screen = new Screen(80, false, true, ZoneOffset.UTC, false, true);
    new AnswerPrinter(format, screen, false).print(answer, out);
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void people_do_not_see_details() throws IOException {
    assertEquals(
        """
        ID  MBIT/S
        1     1000
        2     49.9
        -     2.50
        """,
        print(new Answer().table(paths()), Format.TABLE));
  }

  @Test
  void values_that_are_cut_are_said() throws IOException {
    Column<Row> name = Column.of("name", Kind.TEXT, _ -> "a name of ninety characters ".repeat(4));
    Answer answer = new Answer().table(Table.of("paths", List.of(ID, name), paths().rows()));
    String printed = print(answer, Format.TABLE);
    assertTrue(
        printed.endsWith("(cut because the screen is narrow: NAME; --wide shows all)\n"), printed);
  }

  @Test
  void people_see_the_details_that_they_ask_for() throws IOException {
    Answer chosen = new Answer().table(paths()).select(List.of("site_id", "path_id"));
    assertEquals(
        """
        SITE ID  ID
        5f0a     1
        77b1     2
        -        -
        """,
        print(chosen, Format.TABLE));
  }

  @Test
  void machines_see_all_details() throws IOException {
    assertEquals(
        "path_id,site_id,bandwidth_mbps\r\n1,5f0a,1000.0\r\n2,77b1,49.94\r\n",
        print(new Answer().table(paths()), Format.CSV));
  }

  @Test
  void rows_are_those_of_the_first_block() throws IOException {
    Answer factsFirst =
        new Answer().facts("path", "", List.of(ID), new Row("7", null, 0)).table(paths());
    assertEquals("{\"path_id\":\"7\"}\n", print(factsFirst, Format.NDJSON));
    Answer tableFirst =
        new Answer().table(paths()).facts("path", "", List.of(ID), new Row("7", null, 0));
    assertEquals(2, print(tableFirst, Format.NDJSON).lines().count());
  }

  @Test
  void an_answer_of_members_alone_is_one_row() throws IOException {
    Answer done = new Answer().outcome(true, "done").member("cleared_entries", 3L);
    assertEquals("success,message,cleared_entries\r\ntrue,done,3\r\n", print(done, Format.CSV));
  }

  @Test
  void a_duration_has_its_unit_beside_its_value_and_not_in_its_label() throws IOException {
    Map<Heading, Object> facts = Map.of(Heading.of("uptime_seconds", Kind.SECONDS), 5L);
    Answer answer = new Answer().facts("daemon", "", facts);
    assertEquals("uptime  5 s\n", print(answer, Format.TABLE));
    assertEquals("uptime_seconds\r\n5\r\n", print(answer, Format.CSV));
  }
}
