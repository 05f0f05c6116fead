package dev.patronus.output.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ColumnWidthsTest {
  private static final String UUID = "bdd640fb-0667-4ad1-9c80-317fa3b1799d";

  private record Row(String name, String id, long priority, long bytes) {}

  private static final Column<Row> NAME = Column.of("name", Kind.TEXT, Row::name);
  private static final Column<Row> ID = Column.of("id", Kind.ID, Row::id);
  private static final Column<Row> PRIORITY =
      Column.of("priority", "PRIO", Kind.NUMBER, Row::priority);
  private static final Column<Row> AGE = Column.of("age", Kind.SECONDS, _ -> 120L);
  private static final Column<Row> BYTES = Column.of("bytes", Kind.COUNT, Row::bytes);
  private static final Column<Row> FLOWS = Column.of("flows", Kind.COUNT, _ -> 5L);

  private static String shown(Table<Row> table, int columns) {
    StringBuilder text = new StringBuilder();
    new TablePrinter(new Screen(columns, false, true, ZoneOffset.UTC, false, true))
        .print(table, text);
    return text.toString();
  }

  private static Table<Row> policies(String... names) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < names.length; i++) {
      rows.add(new Row(names[i], UUID, 1000L - i, 1_000_000L * (i + 1)));
    }
    return Table.of("policies", List.of(NAME, ID, PRIORITY, BYTES, AGE, FLOWS), rows);
  }

  @Test
  void a_table_that_fits_is_whole() {
    assertEquals(
        """
        NAME     ID                                    PRIO      BYTES    AGE  FLOWS
        berlin   bdd640fb-0667-4ad1-9c80-317fa3b1799d  1000  1,000,000  2 min      5
        hamburg  bdd640fb-0667-4ad1-9c80-317fa3b1799d   999  2,000,000  2 min      5
        """,
        shown(policies("berlin", "hamburg"), 76));
  }

  @Test
  void ids_go_before_ages_and_ages_before_priorities() {
    Table<Row> table = policies("berlin", "hamburg");
    assertEquals("NAME     PRIO      BYTES    AGE  FLOWS", title(table, 75));
    assertEquals("NAME     PRIO      BYTES  FLOWS", title(table, 37));
    assertEquals("NAME         BYTES  FLOWS", title(table, 30));
    assertEquals("NAME         BYTES", title(table, 23));
  }

  private static String title(Table<Row> table, int columns) {
    return shown(table, columns).lines().findFirst().orElseThrow();
  }

  @Test
  void a_part_of_a_column_does_not_come_back_without_it() {
    Column<Row> received = Column.of("received", Kind.COUNT, _ -> 5L);
    Column<Row> lost = Column.<Row>of("lost", Kind.COUNT, _ -> 5L).partOf("received");
    Table<Row> table =
        Table.of("sources", List.of(NAME, received, lost), policies("berlin").rows());
    assertEquals("NAME    RECEIVED  LOST", title(table, 22));
    assertEquals("NAME    RECEIVED", title(table, 21));
    assertEquals("NAME", title(table, 15));
  }

  @Test
  void the_column_that_rows_are_sorted_by_stays() {
    Table<Row> table = policies("berlin", "hamburg").sorted("age");
    assertEquals("NAME       AGE", title(table, 19));
    assertEquals("NAME     ID", title(table.sorted("id"), 46));
  }

  @Test
  void the_first_column_stays_even_if_it_is_an_id() {
    Table<Row> table = Table.of("paths", List.of(ID, AGE), List.of(new Row("", "12345678", 0, 0)));
    assertEquals("ID", title(table, 8));
  }

  @Test
  void names_are_cut_no_further_than_what_tells_them_apart_while_others_can_go() {
    Table<Row> table = policies("policy-000001-in", "policy-000002-in");
    assertEquals("policy-000001…  1,000,000", shown(table, 25).lines().toList().get(1));
    assertEquals("policy-000001-in  1000", shown(table, 23).lines().toList().get(1));
    assertEquals("policy-000001…", shown(table, 14).lines().toList().get(1));
  }

  @Test
  void long_texts_are_cut_before_a_column_goes() {
    Table<Row> table =
        Table.of("events", List.of(NAME, AGE), List.of(new Row("x".repeat(60), "", 0, 0)));
    assertEquals("x".repeat(23) + "…  2 min", shown(table, 31).lines().toList().get(1));
  }

  @Test
  void rates_stay_where_flags_and_counts_can_go() {
    List<Column<Row>> columns =
        List.of(
            NAME,
            Column.of("enabled", "ON", Kind.FLAG, _ -> true),
            Column.of("packets", Kind.COUNT, _ -> 648_369_643L),
            Column.of("bytes", Kind.BYTES, _ -> 690_000_000_000L),
            Column.of("rate", Kind.BYTE_RATE, _ -> 72_100_000.0),
            Column.of("flows", Kind.COUNT, _ -> 7133L));
    Table<Row> table = Table.of("policies", columns, List.of(new Row("(total matched)", "", 0, 0)));
    assertEquals("NAME      ON    BYTES        RATE  FLOWS", title(table, 40));
    assertEquals("NAME         BYTES        RATE", title(table, 30));
  }

  @Test
  void a_narrow_column_is_shown_where_a_wide_one_made_room() {
    Column<Row> wide = Column.of("count", Kind.COUNT, _ -> 1_000_000_000_000_000L);
    Table<Row> table =
        Table.of("t", List.of(NAME, FLOWS, wide), List.of(new Row("berlin", "", 0, 0)));
    assertEquals("NAME    FLOWS", title(table, 20));
  }
}
