package dev.patronus.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ActorTest {
  private static final ProcessUser ADA =
      new ProcessUser(1000, OptionalLong.empty(), Map.of(1000L, "ada"));

  private static Actor from(String connection) {
    return Actor.of(Map.of("SSH_CONNECTION", connection), ADA, "1.0.0");
  }

  @Test
  void the_program_and_its_version_are_the_agent() {
    assertEquals(new Actor("ada", null, "patronus-cli/1.0.0"), Actor.of(Map.of(), ADA, "1.0.0"));
  }

  @Test
  void the_address_is_that_of_the_ssh_connection_in_its_one_way_of_writing() {
    assertEquals("198.51.100.7", from("198.51.100.7 4242 192.0.2.9 22").ipAddress());
    assertEquals("2001:db8::1", from("2001:DB8:0::1 4242 2001:db8::2 22").ipAddress());
    assertEquals("fe80::1", from("fe80::1%eth0 4242 fe80::2 22").ipAddress());
    assertEquals(
        "192.0.2.1", Actor.of(Map.of("SSH_CLIENT", "192.0.2.1 1 22"), ADA, "1").ipAddress());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "UNKNOWN 1 2 3", "$(evil)<script> 1 2 3", "1.2.3.4.5 1", "\u001b[31m"})
  void what_is_no_address_is_none(String connection) {
    assertNull(from(connection).ipAddress());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<img src=x>",
        "a\u001b[31mb",
        "a\nb",
        "a\u202eb",
        "a\u2028b",
        "a\u0085b",
        "\"a'",
        "a&lt;",
        "\ud800",
        "a\u200bb"
      })
  void texts_have_no_markup_and_nothing_that_drives_a_terminal(String text) {
    Actor actor = new Actor(text, null, text);
    for (String kept : new String[] {actor.userId(), actor.userAgent()}) {
      assertTrue(
          kept.codePoints()
              .noneMatch(c ->
                  "<>&\"'`".indexOf(c) >= 0
                      || Character.isISOControl(c)
                      || Character.getType(c) == Character.FORMAT
                      || Character.getType(c) == Character.SURROGATE
                      || c == 0x2028),
          kept);
      assertEquals(text.length(), kept.length());
    }
  }

  @Test
  void texts_are_cut_to_two_hundred_characters() {
    assertEquals("x".repeat(200), new Actor("x".repeat(60_000), null, "test").userId());
    assertEquals("😀".repeat(200), new Actor("a", null, "😀".repeat(300)).userAgent());
  }

  @Test
  void ordinary_names_stay_as_they_are() {
    String name = "EXAMPLE\\jörg.müller-3@example.org 東京";
    assertEquals(name, new Actor(name, null, "patronus-cli/1.0.0").userId());
  }
}
