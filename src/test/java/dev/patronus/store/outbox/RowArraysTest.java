package dev.patronus.store.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RowArraysTest {
  private static String sent(String text) {
    RowArrays arrays = new RowArrays(1);
    arrays.begin("audit_logs").text(text).end();
    return arrays.json("audit_logs");
  }

  @Test
  void a_text_that_no_call_could_hold_is_cut() {
    String most = "x".repeat(RowArrays.LONGEST_TEXT);
    assertEquals("[[\"" + most + "\"]]", sent(most));
    assertEquals(sent(most), sent(most + "y"));
  }

  @Test
  void a_character_of_two_parts_is_not_cut_in_the_middle() {
    String text = "x".repeat(RowArrays.LONGEST_TEXT - 1) + "\uD83D\uDE00";
    assertEquals(sent("x".repeat(RowArrays.LONGEST_TEXT - 1)), sent(text));
  }

  @Test
  void a_row_of_eight_texts_of_any_characters_fits_into_a_call() {
    RowArrays arrays = new RowArrays(1);
    arrays.begin("audit_logs");
    for (int i = 0; i < 8; i++) {
      arrays.text("\uD83D\uDE00".repeat(1_000_000));
    }
    arrays.end();
    long bytes = arrays.json("audit_logs").getBytes(StandardCharsets.UTF_8).length;
    assertTrue(bytes < 4 * 1024 * 1024, () -> bytes + " bytes");
  }
}
