package dev.patronus.output.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.patronus.output.table.Column.Kind;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class TableTest {
  private record City(String name, long people, Optional<String> river) {}

  private static final City BERLIN = new City("Berlin", 3_700_000, Optional.of("Spree"));
  private static final City BONN = new City("bonn", 330_000, Optional.of("Rhein"));
  private static final City JENA = new City("Jena", 110_000, Optional.empty());

  private static final Column<City> NAME = Column.of("name", Kind.TEXT, City::name);
  private static final Column<City> PEOPLE = Column.of("people", "MANY", Kind.COUNT, City::people);
  private static final Column<City> RIVER = Column.detail("river", Kind.TEXT, City::river);

  private static final Table<City> CITIES =
      Table.of("cities", List.of(NAME, PEOPLE, RIVER), List.of(JENA, BERLIN, BONN));

  @Test
  void a_cell_of_an_optional_value_is_what_it_holds_or_nothing() {
    assertEquals("Spree", RIVER.cell(BERLIN));
    assertNull(RIVER.cell(JENA));
    Column<OptionalDouble> number = Column.of("n", Kind.NUMBER, value -> value);
    assertEquals(1.5, number.cell(OptionalDouble.of(1.5)));
    assertNull(number.cell(OptionalDouble.empty()));
    Column<OptionalLong> whole = Column.of("n", Kind.NUMBER, value -> value);
    assertEquals(7L, whole.cell(OptionalLong.of(7)));
    assertNull(whole.cell(OptionalLong.empty()));
  }

  @Test
  void a_column_of_a_part_is_empty_where_the_part_is_missing() {
    Column<Optional<City>> name = NAME.of(city -> city.orElse(null));
    assertEquals("Jena", name.cell(Optional.of(JENA)));
    assertNull(name.cell(Optional.empty()));
    assertEquals(NAME.heading(), name.heading());
  }

  @Test
  void rows_are_sorted_by_a_column_of_any_case_or_title_and_empty_cells_come_last() {
    assertEquals(List.of(BERLIN, BONN, JENA), CITIES.sorted("NAME").rows());
    assertEquals(List.of(BERLIN, BONN, JENA), CITIES.sorted("many").rows());
    assertEquals(List.of(BONN, BERLIN, JENA), CITIES.sorted("river").rows());
    assertEquals(2, CITIES.sorted("river").sortedBy());
  }

  @Test
  void chosen_columns_are_no_details_and_the_sorted_one_keeps_its_place() {
    Table<City> chosen = CITIES.sorted("people").select(List.of("river", "people"));
    assertEquals(List.of(Heading.of("river", Kind.TEXT), PEOPLE.heading()), chosen.headings());
    assertEquals(1, chosen.sortedBy());
    assertEquals(-1, CITIES.sorted("river").withoutDetails().sortedBy());
  }

  @Test
  void an_unknown_column_is_refused_with_those_there_are() {
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> CITIES.sorted("size"));
    assertEquals("no column 'size'; there are name, people, river", error.getMessage());
  }

  @Test
  void the_first_rows_keep_the_footer_and_those_that_are_filtered_have_none() {
    Table<City> table = CITIES.withFooter(List.of(JENA)).titled("Cities");
    assertEquals(List.of(JENA), table.first(1).rows());
    assertEquals(List.of(JENA), table.first(1).footer());
    Table<City> filtered = table.filter(city -> city.people() > 200_000);
    assertEquals(List.of(BERLIN, BONN), filtered.rows());
    assertEquals(List.of(), filtered.footer());
    assertEquals("Cities", filtered.title());
  }
}
