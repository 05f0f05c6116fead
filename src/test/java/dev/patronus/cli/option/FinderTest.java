package dev.patronus.cli.option;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.patronus.cli.option.Finder.Beginnings;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import java.util.List;
import org.junit.jupiter.api.Test;

class FinderTest {
  private record Thing(String id, String name) {}

  private static Finder<Thing> among(String... idsAndNames) {
    List<Thing> things =
        List.of(idsAndNames).stream()
            .map(text -> new Thing(text.split(" ", -1)[0], text.split(" ", -1)[1]))
            .toList();
    return new Finder<>("site", things, Thing::id, Thing::name, "site list");
  }

  private static void refuses(ExitCode code, String message, Finder<?> finder, String typed) {
    UserError error = assertThrows(UserError.class, () -> finder.find(typed));
    assertEquals(message, error.getMessage());
    assertEquals(code, error.exitCode());
  }

  @Test
  void an_id_a_name_or_a_unique_beginning_of_either_finds() {
    Finder<Thing> finder = among("1af0 berlin", "1bc2 Lyon", "9d44 lyon-south");
    for (String typed : List.of("1af0", "1AF0", "berlin", "Berlin", "ber", "1a", " berlin ")) {
      assertEquals("1af0", finder.find(typed).id(), typed);
    }
  }

  @Test
  void a_whole_name_is_preferred_to_a_beginning() {
    Finder<Thing> finder = among("1 lyon-south", "2 lyon", "lyonx zurich");
    assertEquals("2", finder.find("lyon").id());
  }

  @Test
  void a_name_that_is_another_things_id_finds_the_id() {
    assertEquals("7", among("8 7", "7 seven").find("7").id());
  }

  @Test
  void the_case_tells_two_names_apart() {
    assertEquals("2", among("1 Lyon", "2 lyon").find("lyon").id());
    refuses(
        ExitCode.REFUSED,
        "site 'LYON' is ambiguous; use one of these ids: 1 (Lyon), 2 (lyon)",
        among("1 Lyon", "2 lyon"),
        "LYON");
  }

  @Test
  void what_several_fit_is_refused_with_the_first_of_them() {
    refuses(
        ExitCode.REFUSED,
        "site 'a' is ambiguous; use one of these ids: 1 (a1), 2 (a2), 3 (a3), 4 (a4),"
            + " 5 (a5) and 2 more",
        among("1 a1", "2 a2", "3 a3", "4 a4", "5 a5", "6 a6", "7 a7"),
        "a");
  }

  @Test
  void what_nothing_fits_is_not_found() {
    Finder<Thing> finder = among("1 berlin", "2 paris");
    refuses(
        ExitCode.NOT_FOUND, "site 'berlni' not found; did you mean 'berlin'?", finder, "berlni");
    refuses(
        ExitCode.NOT_FOUND,
        "site 'madrid' not found; 'patronus site list' shows the 2 that exist",
        finder,
        "madrid");
    refuses(ExitCode.NOT_FOUND, "site 'x' not found; there is none", among(), "x");
  }

  @Test
  void nothing_is_no_beginning() {
    refuses(
        ExitCode.NOT_FOUND,
        "site '' not found; 'patronus site list' shows the only one",
        among("1 berlin"),
        "");
  }

  @Test
  void where_a_mistake_is_dear_a_name_that_begins_anothers_id_is_ambiguous() {
    Finder<Thing> finder = among("49311622-70d3 berlin", "93b98907-b2ec 49311622", "deadbeef-1 de");
    UserError error =
        assertThrows(UserError.class, () -> finder.findWhole("49311622", Beginnings.ALL));
    assertEquals(
        "site '49311622' is ambiguous; use one of these ids: 49311622-70d3 (berlin),"
            + " 93b98907-b2ec (49311622)",
        error.getMessage());
    assertEquals("93b98907-b2ec", finder.find("49311622").id());
    assertEquals("deadbeef-1", finder.findWhole("de", Beginnings.ALL).id());
    assertEquals("49311622-70d3", finder.findWhole("49311622-", Beginnings.ALL).id());
  }

  @Test
  void where_a_mistake_is_dear_a_name_finds_its_thing_whatever_case_others_have() {
    Finder<Thing> finder = among("1 Frankfurt", "2 frankfurt");
    assertEquals("2", finder.findWhole("frankfurt", Beginnings.ALL).id());
  }

  @Test
  void nobody_is_asked_about_a_short_beginning_of_an_id() {
    Finder<Thing> finder = among("f8caccc3-70d3 lyon", "93b98907-b2ec 9");
    UserError error =
        assertThrows(UserError.class, () -> finder.findWhole("f8cac", Beginnings.LONG));
    assertEquals(ExitCode.REFUSED, error.exitCode());
    assertEquals(
        "'f8cac' is only the beginning of the id of site 'lyon' (f8caccc3-70d3); without a"
            + " question, give the name or at least 8 characters of the id",
        error.getMessage());
    assertEquals("f8caccc3-70d3", finder.findWhole("f8caccc3", Beginnings.LONG).id());
    assertEquals("f8caccc3-70d3", finder.findWhole("Lyon", Beginnings.LONG).id());
    assertEquals("93b98907-b2ec", finder.findWhole("9", Beginnings.LONG).id());
  }

  @Test
  void where_no_beginning_is_taken_only_a_whole_name_or_id_finds_a_thing() {
    Finder<Thing> finder = among("f8caccc3-70d3 lyon");
    UserError error =
        assertThrows(UserError.class, () -> finder.findWhole("f8caccc3", Beginnings.NONE));
    assertEquals(ExitCode.NOT_FOUND, error.exitCode());
    assertEquals("f8caccc3-70d3", finder.findWhole("F8CACCC3-70d3", Beginnings.NONE).id());
    assertEquals("f8caccc3-70d3", finder.findWhole("LYON", Beginnings.NONE).id());
  }
}
