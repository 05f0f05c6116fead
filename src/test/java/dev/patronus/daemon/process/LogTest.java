package dev.patronus.daemon.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class LogTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-23T14:00:00.123Z"), ZoneOffset.UTC);

  private static String line(boolean journal, String message) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new Log(new PrintStream(out, true, StandardCharsets.UTF_8), journal, false, CLOCK)
        .warn(message);
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void the_journal_gets_the_number_of_the_level() {
    assertEquals("<4>full\n", line(true, "full"));
  }

  @Test
  void everything_else_gets_the_time_and_the_word_of_the_level() {
    assertEquals("2026-11-23T14:00:00.123Z warning full\n", line(false, "full"));
  }

  @Test
  void what_a_terminal_would_obey_or_take_for_another_line_is_visible() {
    assertEquals(
        "<4>a\\u001b[31mb\\u0007 c\\u2028d\\u202ee\\u000df\n",
        line(true, "a\u001b[31mb\u0007\nc\u2028d\u202ee\rf"));
  }

  @Test
  void a_line_that_is_too_long_keeps_its_beginning_and_its_end() {
    String line = line(true, "policy '" + "x".repeat(60_000) + "' matches nothing");
    assertTrue(line.length() < Log.LINE_MAX + 100, () -> line.length() + " characters");
    assertTrue(line.startsWith("<4>policy 'xxx"), line);
    assertTrue(line.contains(" characters left out] "), line);
    assertTrue(line.endsWith("' matches nothing\n"), line);
  }

  @Test
  void an_output_that_nobody_reads_keeps_nobody_waiting() throws IOException {
    try (PipedInputStream unread = new PipedInputStream(16);
        PipedOutputStream end = new PipedOutputStream(unread)) {
      Log log = new Log(new PrintStream(end, true, StandardCharsets.UTF_8), true, false, CLOCK);
      log.takeOver();
      for (int i = 0; i < 10 * Log.WAITING_MAX; i++) {
        log.warn("line " + i); // would wait for ever
      }
      assertEquals("<4>", new String(unread.readNBytes(3), StandardCharsets.UTF_8));
    }
  }
}
