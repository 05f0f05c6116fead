package dev.patronus.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.error.UserError;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TypedLineTest {

  /// Behind `sql`, from `select` on, text is taken as it stands; its only quotes are `'…'`.
  private static final class Sql implements RawSyntax {
    @Override
    public boolean begins(List<String> before, String word) {
      return !before.isEmpty() && before.getFirst().equals("sql") && word.equals("select");
    }

    @Override
    public int skipOne(String text, int at) {
      int end = text.charAt(at) == '\'' ? text.indexOf('\'', at + 1) : at;
      return end < 0 ? text.length() : end + 1;
    }
  }

  private static TypedLine read(String text) {
    return TypedLine.read(text, new Sql());
  }

  private static List<String> words(String text) {
    return read(text).words();
  }

  @Test
  void blanks_divide_words() {
    assertEquals(List.of("site", "show", "berlin"), words("  site show\tberlin "));
    assertEquals(List.of(), words("   "));
  }

  @Test
  void quotes_and_backslashes_hold_a_name_together() {
    assertEquals(List.of("show", "new york"), words("show 'new york'"));
    assertEquals(List.of("show", "new york"), words("show \"new york\""));
    assertEquals(List.of("show", "new york"), words("show new\\ york"));
    assertEquals(List.of("new york"), words("n'ew y'\"or\"k"));
    assertEquals(List.of("a", ""), words("a ''"));
  }

  @Test
  void quotes_mean_what_they_mean_in_other_shells() {
    assertEquals(List.of("a\\b\"c"), words("'a\\b\"c'"));
    assertEquals(List.of("say \"no\" \\ \\n"), words("\"say \\\"no\\\" \\\\ \\n\""));
    assertEquals(List.of("it's"), words("'it'\\''s'"));
  }

  @Test
  void a_comment_begins_at_the_start_of_a_word_alone() {
    assertEquals(List.of("a"), words("a # site delete berlin"));
    assertEquals(List.of("a#b"), words("a#b"));
    assertEquals(List.of("#a"), words("'#a'"));
  }

  @Test
  void bars_divide_a_command_from_its_stages() {
    TypedLine line = read("site list|include new york | exclude x |count| json");
    assertEquals(List.of("site", "list"), line.words());
    assertEquals(
        List.of(
            new PipeFilter.Include("new york", true),
            new PipeFilter.Include("x", false),
            new PipeFilter.Count(),
            new PipeFilter.Json()),
        line.stages());
    assertEquals(List.of("a|b"), words("'a|b'"));
  }

  @Test
  void a_stage_that_is_none_is_refused_with_those_there_are() {
    for (String wrong : List.of("a |", "a | grep x", "a | include", "a | count 3", "| count")) {
      UserError refusal = assertThrows(UserError.class, () -> read(wrong).stages(), wrong);
      assertEquals(2, refusal.exitCode().code());
    }
  }

  @Test
  void the_name_of_the_program_in_front_changes_nothing() {
    assertEquals(List.of("site", "list"), words("patronus site list"));
  }

  @Test
  void an_open_quote_or_a_last_backslash_makes_a_line_unfinished() {
    assertTrue(read("show 'new").unfinished());
    assertTrue(read("show \"new").unfinished());
    assertTrue(read("show new\\").unfinished());
    assertFalse(read("show 'new'").unfinished());
    assertEquals(List.of("show", "newyork"), words("show new\\\nyork"));
  }

  @Test
  void a_language_of_its_own_is_taken_as_it_stands() {
    assertEquals(
        List.of("sql", "-n", "5", "select 'a  b' || \"c\" from t"),
        words("sql -n 5 select 'a  b' || \"c\" from t  "));
    assertEquals(List.of("sql", "select 1"), words("sql 'select 1'"));
  }

  @Test
  void only_a_bar_before_the_name_of_a_stage_ends_it() {
    TypedLine line = read("sql select a|b, ' | count ' from t | count");
    assertEquals("select a|b, ' | count ' from t", line.words().getLast());
    assertEquals(List.of(new PipeFilter.Count()), line.stages());
  }

  @Test
  void a_format_behind_it_is_an_option_still() {
    assertEquals(
        List.of("sql", "select 1", "-o", "csv", "--json"), words("sql select 1 --json -o csv"));
  }

  @Test
  void questions_for_help_are_known() {
    assertEquals(List.of("--help"), read("?").help().words());
    assertEquals(List.of("site", "--help"), read("site ?").help().words());
    assertEquals(List.of("site", "show", "--help"), read("help site show").help().words());
    assertFalse(read("site show '?'").asksForHelp());
  }

  /// The tokens stand in the line one after the other, whatever is typed: the colours rely on it.
  @Test
  void any_text_is_taken_to_pieces_in_order() {
    String alphabet = "ab '\"\\|#\n\tsqlselect-o ";
    Random random = new Random(20_261_125);
    for (int round = 0; round < 20_000; round++) {
      StringBuilder text = new StringBuilder(round % 2 == 0 ? "" : "sql select ");
      for (int i = random.nextInt(12); i > 0; i--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      int at = 0;
      for (Token token : read(text.toString()).tokens()) {
        assertTrue(token.start() >= at && token.end() >= token.start(), text::toString);
        assertTrue(token.end() <= text.length(), text::toString);
        at = Math.max(at, token.start());
      }
    }
  }
}
